import t from 'tap'
import { type EnrolPlan, type Present, planEnrol, type Wanted } from '../../src/enrol/plan-enrol.ts'
import type { AgentConfig } from '../../src/program/config.ts'

const wanted: Wanted = { server: 'https://192.0.2.1:7443', pin: `sha256:${'a'.repeat(64)}` }
const config: AgentConfig = { ...wanted, codeFile: '/run/code', name: 'worker-1', apiEndpoint: '192.0.2.1:6443' }
const codeFile = '/etc/joinery/code'
const fresh: Present = { config: undefined, joined: false, joining: false }

const table: [what: string, wanted: Wanted, present: Partial<Present>, replace: boolean, plan: Partial<EnrolPlan>][] = [
  ['nothing is there', wanted, {}, false, { do: 'enrol', write: true, codeFile }],
  ['--replace has nothing to replace', wanted, {}, true, { do: 'enrol', write: true, codeFile }],
  [
    'the same is there',
    { ...wanted, name: 'worker-1' },
    { config },
    false,
    { do: 'enrol', write: false, codeFile: '/run/code' }
  ],
  ['more than was said is there', wanted, { config }, false, { do: 'enrol', write: false, codeFile: '/run/code' }],
  ['the same is there and a join under way', wanted, { config, joining: true }, true, { do: 'enrol', write: false }],
  [
    'another server is there',
    { ...wanted, server: 'https://b:1' },
    { config },
    false,
    { do: 'refuse', why: 'the present configuration has another server' }
  ],
  [
    'less is there',
    { ...wanted, name: 'b' },
    { config: { ...wanted, codeFile } },
    false,
    { do: 'refuse', why: 'the present configuration has another name' }
  ],
  [
    'several values differ',
    { ...wanted, pin: 'b', apiEndpoint: 'b:1' },
    { config },
    false,
    { do: 'refuse', why: 'the present configuration has another pin, apiEndpoint' }
  ],
  [
    'it must mend less',
    { ...wanted, remediate: 'off' },
    { config },
    false,
    { do: 'refuse', why: 'the present configuration has another remediate' }
  ],
  [
    'the same servers are there',
    { ...wanted, servers: ['https://b:1'] },
    { config: { ...config, servers: ['https://b:1'] } },
    false,
    { do: 'enrol', write: false }
  ],
  [
    'one of several servers is asked for',
    wanted,
    { config: { ...config, servers: ['https://b:1'] } },
    false,
    { do: 'enrol', write: false }
  ],
  [
    'other servers are there',
    { ...wanted, servers: ['https://b:1', 'https://c:1'] },
    { config: { ...config, servers: ['https://b:1'] } },
    false,
    { do: 'refuse', why: 'the present configuration has another list of servers' }
  ],
  ['another one must go', { ...wanted, server: 'https://b:1' }, { config }, true, { do: 'replace', codeFile }],
  [
    'a broken one is there',
    wanted,
    { config: { problem: 'agent.yaml:1: x' } },
    false,
    { do: 'refuse', why: 'agent.yaml:1: x' }
  ],
  ['a broken one must go', wanted, { config: { problem: 'agent.yaml:1: x' } }, true, { do: 'replace', codeFile }],
  [
    'a join by another one is under way',
    { ...wanted, server: 'https://b:1' },
    { config, joining: true },
    true,
    { do: 'refuse', remedy: 'joinery-agent status --watch' }
  ],
  [
    'the node is Ready',
    wanted,
    { config, joined: true },
    true,
    { do: 'refuse', why: 'this machine is a node of a cluster already' }
  ]
]

for (const [what, said, present, replace, plan] of table) {
  t.test(`if ${what}: ${plan.do}`, async (t) => {
    t.match(planEnrol(said, { ...fresh, ...present }, replace, codeFile), plan)
  })
}
