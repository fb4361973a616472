import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openPairing, refusedWith } from '../pairing.ts'
import { readyz } from '../readyz.ts'

/** Run with TMPDIR on a file system of a few hundred kilobytes: a pairing server whose disk fills up. */
t.test('a full disk acknowledges nothing, turns readyz red, and is survived', async (t) => {
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
