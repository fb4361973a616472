import t from 'tap'
import { requireSize } from '../../packaging/size-limits.ts'

const limits: [megabytes: number, names: string[]][] = [
  [32, ['joinery-agent_1.3.0_amd64.deb', 'joinery-agent_1.3.0~rc.1_arm64.deb']],
  [40, ['joinery_1.3.0_amd64.deb', 'joinery_1.3.0_arm64.tar.gz', 'joinery_1.3.0~rc.1_amd64.tar.gz']],
  [6, ['joinery-1.3.0.tgz', 'joinery-1.3.0-rc.1.tgz']]
]
for (const [megabytes, names] of limits) {
  t.test(`a release stops where ${names.join(' or ')} has more than ${megabytes} MB`, async (t) => {
    for (const name of names) {
      requireSize(name, megabytes * 1e6)
      t.throws(() => requireSize(name, megabytes * 1e6 + 1), { message: `${name} has ` }, name)
    }
  })
}

t.test('what nobody waits for may be larger', async (t) => {
  for (const name of [
    'joinery-server_1.3.0_amd64.deb',
    'joinery-agent_1.3.0_amd64.tar.gz',
    'joinery_1.3.0.spdx.json'
  ]) {
    t.doesNotThrow(() => requireSize(name, 1e9), name)
  }
})
