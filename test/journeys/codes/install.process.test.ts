import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { cloudInit, hasPackage } from '@joinery/cli/testing/code'
import { Budgets } from '@joinery/server/testing/base'
import { eventually, otherProcess } from '@joinery/testing/clocks/eventually'
import { runInstaller } from '@joinery/testing/command/run-installer'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import { parse } from 'yaml'

interface UserData {
  write_files: { path: string; content: string }[]
}

t.test(
  'B1: an installer that finds no place waits as it is told, and then gets the package',
  { skip: needs('python3') },
  async (t) => {
    const content = Buffer.alloc(12 * 1024 * 1024, 'deb')
    const agentPackage = join(t.testdir(), 'package')
    writeFileSync(agentPackage, content)
    const pairing = await openPairing(t, { agentPackage }, undefined, (container) => {
      const rehearsed = container.resolve(Budgets)
      const packages = { ...rehearsed.packages, all: 1, ofAddress: 1, retryAfter: 1 }
      container.register(Budgets, { useValue: { ...rehearsed, packages } })
    })
    const code = await pairing.code('worker-1')
    if (!hasPackage(code)) throw new Error('the server has no package')
    const userData = parse(cloudInit(code), { version: '1.1' }) as UserData
    const contentOf = (path: string) => userData.write_files.find((file) => file.path === path)?.content ?? ''
    const settings = JSON.parse(contentOf('/etc/joinery/install.json'))
    const path = new URL(settings.url).pathname

    const hostile = connect({ host: '127.0.0.1', port: Number(new URL(pairing.url).port), rejectUnauthorized: false })
    hostile.on('error', () => {})
    hostile.write(`GET ${path} HTTP/1.1\r\nhost: joinery-server\r\n\r\n`)
    await once(hostile, 'data')
    hostile.pause()

    const url = new URL(path, pairing.url).href
    const installed = runInstaller(t, contentOf('/usr/local/sbin/joinery-install'), { ...settings, url })
    const isRefused = async () => (await pairing.operator.status()).refusals['too-many-requests'] !== undefined
    await eventually('the installer is refused', isRefused, otherProcess)
    hostile.destroy()
    const { exitCode, err, given } = await installed
    t.equal(err, '')
    t.equal(exitCode, 0)
    t.ok(given?.equals(content))
  }
)
