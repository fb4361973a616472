import type { OwnEnrolment, PreflightPolicy } from '@joinery/protocol'
import t from 'tap'
import { type EffectivePolicy, effectivePolicy } from '../../src/plan/policy.ts'
import type { AgentConfig } from '../../src/program/config.ts'

const enrolled = (policy?: PreflightPolicy): OwnEnrolment => ({
  id: '1',
  revision: 1,
  state: 'pending',
  name: 'worker-1',
  role: 'worker',
  attempt: 0,
  message: '',
  ...(policy && { policy })
})

const cases: [
  string,
  Pick<AgentConfig, 'remediate' | 'ignorePreflight'>,
  OwnEnrolment | 'none' | undefined,
  EffectivePolicy
][] = [
  ['nobody says anything', {}, enrolled(), { remediate: 'safe', ignore: [] }],
  ['not enrolled yet', {}, undefined, { ignore: [] }],
  ['the server knows no enrolment', {}, 'none', { ignore: [] }],
  ['not enrolled, and it ignores', { ignorePreflight: ['mtu'] }, undefined, { ignore: ['mtu'] }],
  ['not enrolled, with a word of its own', { remediate: 'off' }, 'none', { remediate: 'off', ignore: [] }],
  ['the code says', {}, enrolled({ remediate: 'runtime', ignore: [] }), { remediate: 'runtime', ignore: [] }],
  ['the machine says', { remediate: 'runtime' }, enrolled(), { remediate: 'runtime', ignore: [] }],
  [
    'the machine allows less than the code',
    { remediate: 'off' },
    enrolled({ remediate: 'runtime', ignore: [] }),
    { remediate: 'off', ignore: [] }
  ],
  [
    'the machine allows more than the code',
    { remediate: 'runtime' },
    enrolled({ remediate: 'off', ignore: [] }),
    { remediate: 'runtime', ignore: [] }
  ],
  ['the code ignores', {}, enrolled({ ignore: ['swap'] }), { remediate: 'safe', ignore: ['swap'] }],
  [
    'both ignore, one of them the same',
    { ignorePreflight: ['mtu', 'swap'] },
    enrolled({ ignore: ['swap', 'proxy'] }),
    { remediate: 'safe', ignore: ['mtu', 'swap', 'proxy'] }
  ]
]

for (const [what, config, enrolment, expected] of cases) {
  t.test(`policy where ${what}`, async (t) => {
    t.same(effectivePolicy(config, enrolment), expected)
  })
}
