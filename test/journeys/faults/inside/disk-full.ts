import { readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { readyz } from '@joinery/testing/pairing/readyz'
import { refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** Run with TMPDIR on a file system of a few megabytes: a pairing server whose disk fills up. */
t.test('a server with a full disk acknowledges nothing, turns readyz red, and survives', async (t) => {
  const [agentPackage, upgrade] = [join(tmpdir(), 'joinery-agent.deb'), join(tmpdir(), 'upgrade.deb')]
  await writeFile(agentPackage, 'a release')
  await writeFile(upgrade, Buffer.alloc(64 * 1024, 'deb'))
  const pairing = await openPairing(t, { agentPackage })
  const packages = () => readdir(join(pairing.config.state, 'packages'))
  t.match(await readyz(pairing), { statusCode: 200, text: '[+]store ok\n[+]cluster ok\n' })
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')

  const ballast = join(tmpdir(), 'ballast')
  await writeFile(ballast, Buffer.alloc(16 * 1024 * 1024)).catch(() => {})
  t.equal(await refusedWith(machine.enrol(code)), 'store-full')
  t.match(await readyz(pairing), { statusCode: 503, text: /^\[-\]store failed: the disk is full$/m })
  t.match(await pairing.operator.status(), {
    store: { trouble: 'the disk is full' },
    refusals: { 'store-full': 1 },
    remedies: [/^The disk of the store is full: .*; make room: df /]
  })
  t.same((await pairing.operator.list()).items, [])

  const before = await packages()
  await rename(upgrade, agentPackage)
  await t.rejects(pairing.code('worker-2'), { code: 'store-full', message: 'the disk is full', remedy: /make room/ })
  t.same(await packages(), before, 'half of a package is none')

  await rm(ballast)
  t.match(await machine.enrol(code), { state: 'pending' }, 'the code was not used up')
  t.equal((await readyz(pairing)).statusCode, 200)
})

t.test('a disk with room for less than a commit turns readyz red before a machine meets it', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  const ballast = join(tmpdir(), 'ballast')
  await writeFile(ballast, Buffer.alloc(16 * 1024 * 1024)).catch(() => {})
  const page = 4096
  for (let room = 0; room <= 64 * page; room += page) {
    await truncate(ballast, Math.max(0, (await stat(ballast)).size - page))
    if ((await readyz(pairing)).statusCode !== 200) continue
    return t.equal(await refusedWith(machine.enrol(code)), undefined, `green, with ${room} bytes`)
  }
  t.fail('never green again')
})
