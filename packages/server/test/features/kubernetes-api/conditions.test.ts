import { type ApprovedEvidence, problems, type State, states } from '@joinery/protocol'
import { Condition } from '@joinery/protocol/door'
import { anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { Value } from 'typebox/value'
import { enrolmentConditions, observed, resultConditions } from '../../../src/features/kubernetes-api/conditions.ts'

const minute = (minute: number): string => `2026-01-01T00:0${minute}:00.000Z`
const [created, approvedAt, registered, nodeReady, since] = [minute(0), minute(1), minute(2), minute(3), minute(4)]
const approved = { at: approvedAt } as ApprovedEvidence
const node = { registered, ready: nodeReady, condition: 'Ready' } as const
const conditionsOf = (part: EnrolmentPart) =>
  enrolmentConditions(anEnrolment('a', { since, created }, part), 'in words')

/** The conditions in short: `+` holds, `-` does not, with the reason and the minute of the last change. */
const short = (part: EnrolmentPart): Record<string, string> =>
  Object.fromEntries(
    conditionsOf(part).map(({ type, status, reason, lastTransitionTime }) => [
      type,
      `${status === 'True' ? '+' : '-'}${reason} ${lastTransitionTime.slice(15, 16)}`
    ])
  )

t.test(
  'O3: each state has its conditions, each with a reason, and stalls if nothing goes on without a person',
  async (t) => {
    const never = (reason: string) => ({ Approved: `-${reason} 0`, Joined: `-${reason} 0`, Ready: `-${reason} 0` })
    const onItsWay = (reason: string) => ({ Approved: '+Approved 1', Joined: `-${reason} 0`, Ready: `-${reason} 0` })
    const table: Record<State, [EnrolmentPart, Record<string, string>]> = {
      pending: [{}, never('WaitingForApproval')],
      approved: [{ approval: { evidence: approved } }, onItsWay('WaitingForAgent')],
      joining: [{ approval: { evidence: approved } }, onItsWay('Joining')],
      joined: [
        { approval: { evidence: approved }, node },
        { ...onItsWay('WaitingForNode'), Joined: '+NodeRegistered 2' }
      ],
      ready: [
        { approval: { evidence: approved }, node, join: { ready: since } },
        { Approved: '+Approved 1', Joined: '+NodeRegistered 2', Ready: '+NodeReady 4' }
      ],
      recovering: [
        { approval: { evidence: approved }, node: { ...node, condition: 'NotReady' }, join: { ready: nodeReady } },
        { Approved: '+Approved 1', Joined: '+NodeRegistered 2', Ready: '-Recovering 4' }
      ],
      frozen: [{}, { ...never('Frozen'), Stalled: '+Frozen 4' }],
      failed: [{ approval: { evidence: approved } }, { ...onItsWay('JoinFailed'), Stalled: '+JoinFailed 4' }],
      expired: [{}, { ...never('Expired'), Stalled: '+Expired 4' }],
      rejected: [{}, { ...never('Rejected'), Stalled: '+Rejected 4' }],
      removed: [
        { approval: { evidence: approved }, node, join: { ready: nodeReady } },
        { Approved: '-Removed 4', Joined: '-Removed 4', Ready: '-Removed 4', Stalled: '+Removed 4' }
      ]
    }
    for (const state of states) {
      const [part, expected] = table[state]
      t.same(short({ ...part, state }), expected, state)
    }
  }
)

t.test('O3: a Node that is not Ready now is a machine that is not Ready now, since its Node changed', async (t) => {
  const ready = { state: 'ready', approval: { evidence: approved }, join: { ready: since } } as const
  const flap = { since, last: minute(7), count: 3 }
  const { ready: _, ...unready } = node
  for (const condition of ['NotReady', 'Unknown', 'Gone'] as const)
    t.match(short({ ...ready, diagnosis: { flap }, node: { ...unready, condition } }), {
      Ready: `-Node${condition} 7`,
      Joined: /^\+/
    })
  t.match(short({ ...ready, diagnosis: { flap }, node: { ...node, ready: minute(8) } }), { Ready: '+NodeReady 8' })
  t.match(short({ ...ready, node: { ...unready, condition: 'NotReady' } }), { Ready: '-NodeNotReady 4' })
})

t.test('O3: what was approved and is not any more changed with the state, and not when the machine came', async (t) => {
  t.match(short({ state: 'pending', approval: { evidence: approved } }), {
    Approved: '-WaitingForApproval 4',
    Joined: '-WaitingForApproval 0'
  })
  t.match(short({ state: 'joining', withoutAgent: true }), { Approved: '+Approved 0' })
  t.match(short({ state: 'rejected', withoutAgent: true }), { Approved: '-Rejected 4' })
})

t.test('O3: conditions are of the schema, and stand for the generation of the object', async (t) => {
  for (const state of states) {
    const { conditions = [], observedGeneration } = observed({ conditions: conditionsOf({ state }) as Condition[] }, 17)
    t.equal(observedGeneration, 17)
    for (const one of conditions) {
      t.equal(one.observedGeneration, 17)
      t.ok(Value.Check(Condition, one), JSON.stringify(one))
    }
  }
  t.same(observed({}, 2), { observedGeneration: 2 })
})

t.test('O3: a Decision is applied, or it is refused with the code as its reason and needs a person', async (t) => {
  const at = since
  const applied = resultConditions('Applied', { result: 'applied', message: 'worker-1 is approved', at })
  t.match(applied, [{ type: 'Applied', status: 'True', reason: 'Applied', lastTransitionTime: '2026-01-01T00:04:00Z' }])
  t.equal(applied.length, 1)
  for (const code of Object.keys(problems)) {
    const refused = resultConditions('Applied', { result: 'refused', code, message: 'because', at })
    t.match(refused, [
      { type: 'Applied', status: 'False', message: 'because' },
      { type: 'Stalled', status: 'True', message: 'because' }
    ])
    for (const one of refused) t.ok(Value.Check(Condition, one), code)
  }
  t.match(resultConditions('Applied', { result: 'refused', code: 'name-in-use', message: '', at }), [
    { reason: 'NameInUse' },
    { reason: 'NameInUse' }
  ])
})
