import type { TimelineEvent } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'
import type { Change } from '../../../src/core/ports/store/change.ts'
import type { Mark } from '../../../src/features/metrics/journeys.ts'
import { type Measurement, measureChange } from '../../../src/features/metrics/measure-change.ts'

const at = (seconds: number): Date => new Date(Date.parse('2026-01-01T00:00:00.000Z') + seconds * 1000)
const time = (seconds: number): string => at(seconds).toISOString()

/** A measurement as a text: `name{labels} value`. */
const inWords = (one: Measurement): string => {
  const labels = Object.entries(one.labels).map(([label, value]) => `${label}=${value}`)
  const [name, value] = 'count' in one ? [one.count, 1] : [one.observe, one.seconds]
  return `${name.replace('joinery_', '')}{${labels.join(',')}} ${value}`
}

const measure = (change: Change, mark?: Mark) => {
  const { measurements, marks } = measureChange(change, () => mark)
  return { said: measurements.map(inWords), marks: Object.fromEntries(marks) }
}

/** A change of one enrolment with one entry, a hundred seconds after the beginning. */
const changed = (
  actor: 'operator' | 'agent' | 'server' | 'cluster',
  event: TimelineEvent,
  part: EnrolmentPart = {},
  { detail = '', alert = false } = {}
): Change => ({
  enrolments: [anEnrolment('e', part)],
  entries: [{ subject: 'e', entry: entry(at(100), actor, event, detail, alert) }]
})

const attempt = { number: 1, claimed: time(40) }
const approved = {
  at: time(10),
  revision: 1,
  key: '',
  name: '',
  address: '',
  facts: anEnrolment('e').facts,
  preflight: []
}
const recovery = { number: 1, claimed: time(40), recovery: true } as const

const cases: readonly [what: string, change: Change, said: string[]][] = [
  [
    'a first call, from the making of its code',
    {
      ...changed('agent', 'enrol'),
      codes: [aCode('other', { created: time(0) }), aCode('code', { created: time(70) })]
    },
    ['wait_duration_seconds{wait=enrol,role=worker} 30']
  ],
  ['a first call without its code says no time', changed('agent', 'enrol'), []],
  [
    'an approval, from the first call',
    changed('operator', 'approve', { state: 'approved', created: time(20) }),
    ['operator_decisions_total{verb=approve} 1', 'wait_duration_seconds{wait=approve,role=worker} 80']
  ],
  [
    'an approval by the server itself is no decision of an operator',
    changed('server', 'approve', { state: 'recovering' }),
    ['recoveries_total{event=approved} 1']
  ],
  [
    'a first claim, from the approval',
    changed('agent', 'claim', {
      state: 'joining',
      join: { lastAttempt: 3, attempts: [{ number: 1 }] },
      approval: { evidence: approved }
    }),
    ['wait_duration_seconds{wait=claim,role=worker} 90']
  ],
  [
    'a claim after a failure waited for nobody',
    changed('agent', 'claim', {
      state: 'joining',
      join: { lastAttempt: 3, attempts: [attempt, { number: 2 }] },
      approval: { evidence: approved }
    }),
    []
  ],
  [
    'a Node',
    changed('cluster', 'register', { role: 'control-plane', state: 'joined', join: { attempts: [attempt] } }),
    ['stage_duration_seconds{stage=register,role=control-plane} 60']
  ],
  [
    'a Ready Node',
    changed('server', 'become-ready', {
      state: 'ready',
      join: { attempts: [attempt] },
      node: { registered: time(75) }
    }),
    ['stage_duration_seconds{stage=ready,role=worker} 25', 'join_duration_seconds{role=worker} 60']
  ],
  [
    'a machine that is back did not join',
    changed('server', 'become-ready', {
      state: 'ready',
      join: { attempts: [recovery] },
      node: { registered: time(0) }
    }),
    ['recoveries_total{event=back} 1']
  ],
  [
    'a Node in service',
    changed('server', 'in-service', { state: 'ready', join: { ready: time(95) } }),
    ['stage_duration_seconds{stage=in-service,role=worker} 5']
  ],
  [
    'a failure that the server says',
    changed('server', 'give-up', { state: 'failed' }, { alert: true }),
    ['alerts_total{event=give-up} 1', 'attempt_failures_total{class=server,role=worker} 1']
  ],
  ['a failure that an agent reports is counted with the report', changed('agent', 'fail', { state: 'approved' }), []],
  [
    'certificate requests',
    {
      entries: (['csr-approved', 'csr-left', 'serving-csr-approved', 'serving-csr-left'] as const).map((event) => ({
        subject: 'e',
        entry: entry(at(0), 'server', event, '')
      }))
    },
    [
      'csr_decisions_total{signer=kubelet-client,verdict=approved} 1',
      'csr_decisions_total{signer=kubelet-client,verdict=left} 1',
      'csr_decisions_total{signer=kubelet-serving,verdict=approved} 1',
      'csr_decisions_total{signer=kubelet-serving,verdict=left} 1'
    ]
  ],
  [
    'a way back that failed',
    changed('agent', 'end-recovery', { state: 'ready' }, { alert: true }),
    ['alerts_total{event=end-recovery} 1', 'recoveries_total{event=failed} 1']
  ],
  ['a way back that nobody needed any more', changed('server', 'end-recovery', { state: 'ready' }), []],
  [
    'an alert about a name that has no enrolment',
    { entries: [{ subject: 'node/x', entry: entry(at(0), 'cluster', 'unknown-node', '', true) }] },
    ['alerts_total{event=unknown-node} 1']
  ],
  ['the event of an operator is not a machine that says so', changed('agent', 'reject'), []]
]

for (const [what, change, said] of cases) {
  t.test(`measures ${what}`, async (t) => {
    t.same(measure(change).said, said)
  })
}

t.test('a stage of kubeadm lasts until the next one, of the same attempt', async (t) => {
  const line = (detail: string) =>
    changed('agent', 'progress', { state: 'joining', join: { attempts: [attempt] } }, { detail })
  const preflight = { attempt: 1, stage: 'preflight', at: at(50).getTime() } as const
  const begun = measure(line('[preflight] Running pre-flight checks'))
  t.same(begun.said, ['stage_duration_seconds{stage=start,role=worker} 60'], 'from the claim')
  t.same(begun.marks, { e: { attempt: 1, stage: 'preflight', at: at(100).getTime() } })
  const again = measure(line('[preflight] Reading configuration'), preflight)
  t.same([again.said, again.marks], [[], {}], 'the same stage goes on')
  const next = measure(line('[kubelet-start] Starting the kubelet'), preflight)
  t.same(next.said, ['stage_duration_seconds{stage=preflight,role=worker} 50'])
  t.same(next.marks, { e: { attempt: 1, stage: 'kubelet-start', at: at(100).getTime() } })
  const last = measure(line('This node has joined the cluster:'), preflight)
  t.same(last.said, ['stage_duration_seconds{stage=preflight,role=worker} 50'])
  t.same(last.marks, { e: undefined })
})

t.test('after a restart the stage of that moment is not measured, nor is one of another attempt', async (t) => {
  const line = changed(
    'agent',
    'progress',
    { state: 'joining', join: { attempts: [attempt, { number: 2, claimed: time(60) }] } },
    { detail: '[kubelet-start] Starting the kubelet' }
  )
  t.same(measure(line).said, [], 'not the first words of kubeadm')
  t.same(measure(line, { attempt: 1, stage: 'preflight', at: 0 }).said, [])
})

t.test('a machine that says what it likes makes no series, and no mark', async (t) => {
  for (const detail of [
    '',
    'worker-1',
    '[worker-1] x',
    `[${'a'.repeat(200)}] x`,
    '[preflight]\u0000',
    '[PREFLIGHT] x'
  ]) {
    const { said, marks } = measure(
      changed('agent', 'progress', { state: 'joining', join: { attempts: [attempt] } }, { detail })
    )
    t.same([said, marks], [[], {}], detail)
  }
})

t.test('what ended is forgotten', async (t) => {
  const { marks } = measure(changed('operator', 'reject', { state: 'rejected', join: { attempts: [attempt] } }), {
    attempt: 1,
    stage: 'preflight',
    at: 0
  })
  t.same(marks, { e: undefined })
})
