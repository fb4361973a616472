import type { AgentStatus } from '@joinery/protocol'
import t from 'tap'
import { describeAgentStatus } from '../../src/status/describe-status.ts'

const status: AgentStatus = {
  version: 1,
  agent: 'running',
  message: 'nothing listens there',
  remedy: ['journalctl --unit joinery-agent --boot'],
  lasted: 300,
  server: 'https://192.0.2.1:7443',
  key: `sha256:4f1c22ab${'0'.repeat(56)}`,
  enrolment: { id: 'e1', name: 'worker-1', state: 'approved' },
  attempt: { number: 2, stage: '[kubelet-start] Starting the kubelet', done: 4, of: 8 },
  failing: { reason: 'nothing listens there', tries: 3, lasted: 200, nextTry: 12 },
  failures: [
    {
      attempt: 1,
      class: 'machine',
      stage: '',
      cause: 'swap is on',
      remedy: ['swapoff -a'],
      output: ['[ERROR Swap]: no', 'error: no']
    }
  ],
  checks: [{ name: 'swap', verdict: 'fail', finding: 'swap is on', remedy: ['swapoff -a'] }],
  changes: [
    { check: 'sysctls', what: 'net.ipv4.ip_forward', before: '0', after: '1' },
    { check: 'kernel-modules', what: 'loaded br_netfilter' },
    { check: 'kernel-modules', what: 'wrote joinery.conf', after: '# a comment\noverlay\nbr_netfilter\n' }
  ]
}

t.test('a full status has every line for a person', async (t) => {
  t.equal(
    describeAgentStatus(status, false),
    `Agent:      running
Message:    nothing listens there
For:        5 min
Failing:    for 3 min, 3 tries
Next try:   in 12 s
Name:       worker-1
State:      approved
Attempt:    2
Stage:      4 of 8: [kubelet-start] Starting the kubelet
Key:        4f1c-22ab-0000-0000-0000
            ${status.key}
Server:     https://192.0.2.1:7443
Remedy:     journalctl --unit joinery-agent --boot
Preflight checks that fail:
  swap   swap is on
         remedy: swapoff -a
Attempt 1 failed:
  Class:    machine
  Cause:    swap is on
  Remedy:   swapoff -a
  Output:   [ERROR Swap]: no
            error: no
Changed by the agent:
  sysctls          net.ipv4.ip_forward: 0 -> 1
  kernel-modules   loaded br_netfilter
  kernel-modules   wrote joinery.conf: <none> -> 3 lines
`
  )
})

t.test('a bare status shows only what is known', async (t) => {
  const bare: AgentStatus = {
    version: 1,
    agent: 'stopped',
    message: 'it does not run',
    remedy: [],
    failures: [],
    checks: [],
    changes: []
  }
  t.equal(describeAgentStatus(bare, false), 'Agent:     stopped\nMessage:   it does not run\n')
})

t.test('only bad states have colours, and text from outside cannot steer the terminal', async (t) => {
  t.match(describeAgentStatus({ ...status, agent: 'failed' }, true), '\x1b[31mfailed\x1b[39m')
  const text = '\x1b]0;x\x07'
  const failure = { attempt: 1, class: 'machine' as const, stage: text, cause: text, remedy: [text], output: [text] }
  t.match(describeAgentStatus({ ...status, message: text, failures: [failure] }, false), /^[\x20-\x7e\n]*$/)
})

t.test('each mistake of a configuration has its own line', async (t) => {
  const message = 'agent.yaml:3: pin: is missing\nagent.yaml:5: nodeIp: must be an IP address'
  t.match(
    describeAgentStatus({ ...status, agent: 'failed', message }, false),
    /^Agent: +failed\nMessage: +agent.yaml:3: pin: is missing\n {3,}agent.yaml:5: nodeIp: must be an IP address\n/
  )
})

t.test('a way back has a line', async (t) => {
  const recovery = { phase: 'waiting', lasted: 300 } as const
  t.match(describeAgentStatus({ ...status, recovery }, false), /^Way back: +waiting for 5 min$/m)
  t.match(describeAgentStatus({ ...status, recovery: { phase: 'interrupted' } }, false), /^Way back: +interrupted$/m)
})

t.test('a person sees the server that is asked, and what is wrong with each other one', async (t) => {
  const text = describeAgentStatus(
    {
      ...status,
      servers: [
        { url: 'https://192.0.2.1:7443', inUse: true, state: 'active' },
        {
          url: 'https://192.0.2.2:7443',
          inUse: false,
          state: 'standby',
          why: 'https://192.0.2.2:7443 is not the active server'
        },
        {
          url: 'https://192.0.2.3:7443',
          inUse: false,
          state: 'away',
          why: 'https://192.0.2.3:7443 does not answer\u001b[2J'
        },
        { url: 'https://192.0.2.4:7443', inUse: false, state: 'not-tried' }
      ]
    },
    false
  )
  const lines = text.split('\n')
  const first = lines.findIndex((line) => line.startsWith('Server:'))
  t.same(
    lines.slice(first, first + 4).map((line) => line.replace(/ {2,}/, '|')),
    [
      'Server:|https://192.0.2.1:7443',
      'Others:|https://192.0.2.2:7443 stands by',
      '|https://192.0.2.3:7443 does not answer\\u{1b}[2J',
      '|https://192.0.2.4:7443 was not asked yet'
    ]
  )
})
