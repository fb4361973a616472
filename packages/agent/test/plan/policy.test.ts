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
  ['the machine is not enrolled yet', {}, undefined, { ignore: [] }],
  ['the server knows no enrolment', {}, 'none', { ignore: [] }],
  ['a machine without an enrolment ignores a check', { ignorePreflight: ['mtu'] }, undefined, { ignore: ['mtu'] }],
  [
    'a machine without an enrolment has a level of its own',
    { remediate: 'off' },
    'none',
    { remediate: 'off', ignore: [] }
  ],
  [
    'only the code has a level',
    {},
    enrolled({ remediate: 'runtime', ignore: [] }),
    { remediate: 'runtime', ignore: [] }
  ],
  ['only the machine has a level', { remediate: 'runtime' }, enrolled(), { remediate: 'runtime', ignore: [] }],
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
  ['only the code ignores a check', {}, enrolled({ ignore: ['swap'] }), { remediate: 'safe', ignore: ['swap'] }],
  [
    'both ignore checks, and one check is the same',
    { ignorePreflight: ['mtu', 'swap'] },
    enrolled({ ignore: ['swap', 'proxy'] }),
    { remediate: 'safe', ignore: ['mtu', 'swap', 'proxy'] }
  ]
]

for (const [what, config, enrolment, expected] of cases) {
  t.test(`if ${what}, the policy is ${JSON.stringify(expected)}`, async (t) => {
    t.same(effectivePolicy(config, enrolment), expected)
  })
}
