import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packagePath } from '@joinery/protocol'
import { openPairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { Agent, request } from 'undici'

t.test('a machine gets the package of its code, also after an upgrade, until the code is revoked', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-deb-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const agentPackage = join(folder, 'joinery-agent.deb')
  await writeFile(agentPackage, 'the first release')
  const pairing = await openPairing(t, { agentPackage })
  const fetchPackage = async (sha256: string) => {
    const dispatcher = new Agent({ connect: { ca: await readFile(join(pairing.config.state, 'ca.crt')) } })
    const { statusCode, body } = await request(`${pairing.url}${packagePath(sha256)}`, { dispatcher })
    return { statusCode, text: await body.text() }
  }
  const { id, install } = await pairing.code('worker-1')
  const first = install.package?.sha256 ?? ''
  t.equal(first, createHash('sha256').update('the first release').digest('hex'))
  t.same(await fetchPackage(first), { statusCode: 200, text: 'the first release' })

  await writeFile(agentPackage, 'the second release')
  const second = (await pairing.code('worker-2')).install.package?.sha256 ?? ''
  t.same(await fetchPackage(second), { statusCode: 200, text: 'the second release' })
  t.same(await fetchPackage(first), { statusCode: 200, text: 'the first release' })

  await pairing.operator.revokeCode(id)
  t.match(await fetchPackage(first), { statusCode: 404 })
})

t.test('a missing agent package is reported when a code is made', async (t) => {
  const pairing = await openPairing(t, { agentPackage: '/nowhere/joinery-agent.deb' })
  await t.rejects(pairing.code('worker-1'), { code: 'agent-package-missing', message: /nowhere/ })
})
