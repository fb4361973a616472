import { AgentStatus } from '@joinery/protocol'
import t from 'tap'
import { Value } from 'typebox/value'
import type { AgentReport } from '../../src/status/agent-report.ts'
import { agentStatus, type Seen } from '../../src/status/agent-status.ts'
import type { RecoveryReport } from '../../src/status/recovery/report.ts'

const report: AgentReport = {
  process: { pid: 7, started: '100' },
  server: 'https://192.0.2.1:7443',
  message: 'waiting for approval',
  since: 10_000,
  key: 'sha256:ab',
  enrolment: { id: 'e1', name: 'worker-1', state: 'pending' },
  checks: []
}
const nothing: Seen = {
  config: undefined,
  unit: {},
  said: undefined,
  journal: {},
  key: undefined,
  changes: [],
  now: 70_000
}
const config = { server: 'https://192.0.2.1:7443' }
const attempt = { number: 1, nodeName: 'worker-1', bootId: 'b' }
const gone = { report, alive: false }
const rejected = {
  report: { ...report, message: 'rejected: not ours', enrolment: { id: 'e1', name: 'worker-1', state: 'rejected' } },
  alive: false
} satisfies Seen['said']

const waiting: RecoveryReport = {
  process: { pid: 8, started: '200' },
  key: 'sha256:ab',
  phase: 'waiting',
  message: 'waiting for an operator',
  since: 40_000
}

const start = 'systemctl enable --now joinery-agent'
const journalctl = 'journalctl --unit joinery-agent --boot'
const table: [what: string, seen: Partial<Seen>, agent: AgentStatus['agent'], message: RegExp, remedy: string[]][] = [
  ['nobody configured it', {}, 'not-configured', /no pairing server/, ['joinery-agent enrol --help']],
  [
    'its configuration is wrong',
    { config: { problem: 'agent.yaml:2: pin' } },
    'failed',
    /agent.yaml:2/,
    ['correct the configuration', start]
  ],
  ['it was never started', { config }, 'stopped', /does not run/, [start]],
  ['systemd does not answer', { config, unit: {} }, 'stopped', /does not run/, [start]],
  [
    'its start waits in the queue',
    { config, unit: { ActiveState: 'inactive', Job: '12' } },
    'starting',
    /starting/,
    []
  ],
  ['it has started and said nothing yet', { config, unit: { ActiveState: 'active' } }, 'starting', /starting/, []],
  [
    'systemd starts it again',
    { config, unit: { ActiveState: 'activating', SubState: 'auto-restart' } },
    'failed',
    /ended with an error/,
    [journalctl]
  ],
  ['it failed', { config, unit: { ActiveState: 'failed' } }, 'failed', /ended with an error/, [journalctl]],
  ['it waits', { config, said: { report, alive: true } }, 'running', /waiting for approval/, []],
  ['its process is gone', { config, said: gone }, 'stopped', /does not run/, [start]],
  [
    'it was killed and systemd starts it again',
    { config, said: gone, unit: { ActiveState: 'activating', SubState: 'auto-restart' } },
    'failed',
    /ended with/,
    [journalctl]
  ],
  ['an operator ended it', { config, said: rejected, unit: { ActiveState: 'inactive' } }, 'ended', /not ours/, []],
  ['the node is Ready', { config, said: gone, journal: { accepted: true } }, 'ready', /is Ready/, []],
  [
    'the node was Ready before a reboot',
    { config, journal: { accepted: true }, unit: { ActiveState: 'inactive' } },
    'ready',
    /is Ready/,
    []
  ],
  [
    'its kubelet waits for a certificate',
    { config, said: gone, journal: { accepted: true }, recovery: waiting },
    'running',
    /on the way back: waiting for an operator/,
    []
  ],
  [
    'a way back is under way and nobody is at work on it',
    { config, journal: { accepted: true }, comesBack: true },
    'stopped',
    /on the way back/,
    ['joinery-agent recover']
  ],
  [
    'it is started again on a machine that was reset',
    { config, journal: { accepted: true }, unit: { ActiveState: 'active' } },
    'starting',
    /starting/,
    []
  ]
]

for (const [what, seen, agent, message, remedy] of table) {
  t.test(`if ${what}, the status is ${agent}`, async (t) => {
    const status = agentStatus({ ...nothing, ...seen })
    t.match(status, { agent, message, remedy })
    t.equal(status.remedy.length, remedy.length)
    t.ok(Value.Check(AgentStatus, status), 'by the schema')
  })
}

t.test('status shows what a running agent says, with its ages and with what it tries again', async (t) => {
  const failing = { reason: 'nothing listens there', tries: 3, since: 40_000, nextTry: 82_000 }
  const status = agentStatus({ ...nothing, config, said: { report: { ...report, failing }, alive: true } })
  t.same(status, {
    version: 1,
    agent: 'running',
    message: 'nothing listens there',
    remedy: [],
    lasted: 60,
    server: config.server,
    key: 'sha256:ab',
    enrolment: report.enrolment,
    failing: { reason: 'nothing listens there', tries: 3, lasted: 30, nextTry: 12 },
    checks: [],
    failures: [],
    changes: []
  })
})

t.test('status shows the servers if there are several', async (t) => {
  const servers: AgentReport['servers'] = [
    { url: config.server, inUse: false, state: 'away', why: 'nothing listens there' },
    { url: 'https://192.0.2.2:7443', inUse: true, state: 'active' }
  ]
  const status = agentStatus({ ...nothing, config, said: { report: { ...report, servers }, alive: true } })
  t.same(status.servers, servers)
  t.ok(Value.Check(AgentStatus, status), 'by the schema')
  t.notOk('servers' in agentStatus({ ...nothing, config, said: { report, alive: true } }))
})

t.test('a time that is over does not become negative', async (t) => {
  const failing = { reason: 'x', tries: 1, since: 80_000, nextTry: 60_000 }
  const status = agentStatus({ ...nothing, said: { report: { ...report, failing, since: 90_000 }, alive: true } })
  t.match(status, { lasted: 0, failing: { lasted: 0, nextTry: 0 } })
})

t.test('status of a join says how far it is', async (t) => {
  const stage = '[kubelet-check] The kubelet is healthy after 1s'
  const said = { report: { ...report, attempt: { number: 2, stage } }, alive: true }
  t.match(agentStatus({ ...nothing, said }), { attempt: { number: 2, stage, done: 6, of: 8 } })
})

t.test('status shows the attempts that failed, also one that is not taken back yet', async (t) => {
  const swap = {
    class: 'machine' as const,
    stage: '',
    cause: 'swap is on',
    remedy: ['swapoff -a'],
    output: ['[ERROR Swap]: no']
  }
  const interrupted = { class: 'transient' as const, stage: '[preflight] Running', output: [] }
  const journal = {
    failures: [{ attempt: 1, failure: swap }],
    attempt: { ...attempt, number: 2, failure: interrupted }
  }
  t.match(agentStatus({ ...nothing, config, journal, key: 'sha256:cd' }), {
    key: 'sha256:cd',
    attempt: { number: 2, done: 0 },
    failures: [
      { attempt: 1, ...swap },
      { attempt: 2, ...interrupted, remedy: { length: 0 } }
    ]
  })
})

t.test('status shows a way back, with its age while a process is at work on it', async (t) => {
  const journal = { accepted: true }
  t.match(agentStatus({ ...nothing, journal, recovery: waiting, comesBack: true }), {
    key: 'sha256:ab',
    recovery: { phase: 'waiting', lasted: 30 }
  })
  t.same(agentStatus({ ...nothing, journal, comesBack: true }).recovery, { phase: 'interrupted' })
  t.notOk('recovery' in agentStatus({ ...nothing, journal }))
})

t.test('status of a control plane counts more stages', async (t) => {
  const stage = '[etcd] Announced new etcd member joining to the existing etcd cluster'
  const said = (attempt: AgentReport['attempt']) => ({
    report: { ...report, ...(attempt && { attempt }) },
    alive: true
  })
  const { attempt } = agentStatus({ ...nothing, config, said: said({ number: 1, stage, controlPlane: true }) })
  t.match(attempt, { stage, done: 11, of: 20 })
  const controlPlane = { address: '192.0.2.9' }
  const journal = { attempt: { number: 2, nodeName: 'cp-2', bootId: '', controlPlane } }
  t.match(agentStatus({ ...nothing, config, journal }).attempt, { number: 2, done: 0, of: 20 })
})
