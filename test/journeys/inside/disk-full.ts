import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Client, request } from 'undici'
import { openPairing, refusedWith } from '../pairing.ts'

/** Run with TMPDIR on a file system of a few hundred kilobytes: a pairing server whose disk fills up. */
t.test('a full disk acknowledges nothing, turns readyz red, and is survived', async (t) => {
  const pairing = await openPairing(t)
  const readyz = async () => {
    const socket = new Client('http://joinery-server', { socketPath: pairing.config.operators.socket })
    const { statusCode, body } = await request('http://joinery-server/readyz', { dispatcher: socket })
    const text = await body.text()
    await socket.close()
    return { statusCode, text }
  }
  t.match(await readyz(), { statusCode: 200, text: '[+]store ok\n[+]cluster ok\n' })
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')

  const ballast = join(tmpdir(), 'ballast')
  await writeFile(ballast, Buffer.alloc(16 * 1024 * 1024)).catch(() => {})
  t.equal(await refusedWith(machine.enrol(code)), 'store-full')
  t.match(await readyz(), { statusCode: 503, text: /^\[-\]store failed: the disk is full$/m })
  t.match(await pairing.operator.status(), {
    store: { trouble: 'the disk is full' },
    refusals: { 'store-full': 1 },
    remedies: [/^The disk of the store is full: .*; make room: df /]
  })
  t.same((await pairing.operator.list()).items, [])

  await rm(ballast)
  t.match(await machine.enrol(code), { state: 'pending' }, 'the code was not used up')
  t.equal((await readyz()).statusCode, 200)
})
