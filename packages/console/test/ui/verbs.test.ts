import { type State, states } from '@joinery/protocol'
import t from 'tap'
import { consoleVerbs, type Rights, type SeenEnrolment } from '../../src/contract.ts'
import { effectOfReject, offersOf, rightOf } from '../../src/ui/model/verbs.ts'
import { aRow } from './a-row.ts'

const rights = (may: boolean): Rights =>
  Object.fromEntries(
    consoleVerbs.map((verb) => [verb, may ? { may } : { may, missing: `${verb} on enrolments.joinery.dev` }])
  ) as unknown as Rights

const verbsOf = (more: Partial<SeenEnrolment>) =>
  offersOf(aRow('e', more), rights(true)).flatMap(({ verb, possible }) => (possible ? [verb] : []))

const table: Record<State, string[]> = {
  pending: ['approve', 'reject'],
  approved: ['reject'],
  joining: ['reject'],
  joined: ['reject', 'remove'],
  ready: ['remove'],
  recovering: ['approve', 'reject', 'remove'],
  frozen: ['release', 'reject'],
  failed: ['retry', 'remove'],
  expired: ['retry', 'remove'],
  rejected: [],
  removed: []
}

t.test('each state offers the verbs that its table allows', async (t) => {
  for (const state of states) t.same(verbsOf({ state }), table[state], state)
})

const wayBack = (state: string) => ({ recovery: { state, addressBefore: '', changed: [] } }) as Partial<SeenEnrolment>
const special: [what: string, more: Partial<SeenEnrolment>, verbs: string[]][] = [
  ['a way back that is approved', { state: 'recovering', ...wayBack('approved') }, ['reject', 'remove']],
  ['a way back that was refused', { state: 'ready', ...wayBack('refused') }, ['retry', 'remove']],
  ['a way back that froze', { state: 'joined', ...wayBack('frozen') }, ['retry', 'reject', 'remove']],
  ['a join command that failed', { state: 'failed', withoutAgent: true }, ['remove']],
  ['a machine whose name is held', { nameConflict: 'Node e' }, ['approve', 'replace', 'reject']],
  ['a way back of a held name', { state: 'recovering', nameConflict: 'x' }, ['approve', 'reject', 'remove']],
  ['a machine that is approved already', { state: 'approved', nameConflict: 'Node e' }, ['reject']],
  ['a control plane whose name is held', { nameConflict: 'x', role: 'control-plane' }, ['approve', 'reject']],
  ['a control plane that is ready', { state: 'ready', role: 'control-plane' }, []]
]

t.test('a way back, a join command and a control plane offer something else', async (t) => {
  for (const [what, more, verbs] of special) t.same(verbsOf(more), verbs, what)
})

t.test('what a user has no right for is offered as not possible, with the right that is missing', async (t) => {
  t.same(offersOf(aRow('e'), rights(false)), [
    {
      verb: 'approve',
      possible: false,
      why: 'needs the right to approve on enrolments.joinery.dev',
      missing: 'approve on enrolments.joinery.dev'
    },
    {
      verb: 'reject',
      possible: false,
      why: 'needs the right to reject on enrolments.joinery.dev',
      missing: 'reject on enrolments.joinery.dev'
    }
  ])
})

t.test('to let a control plane in is a right of its own', async (t) => {
  t.equal(rightOf('approve', 'control-plane'), 'approve-control-plane')
  t.equal(rightOf('retry', 'control-plane'), 'approve-control-plane')
  t.equal(rightOf('reject', 'control-plane'), 'reject')
  t.equal(rightOf('approve', 'worker'), 'approve')
  const workersOnly = { ...rights(true), 'approve-control-plane': { may: false, missing: 'x' } }
  t.match(offersOf(aRow('e', { role: 'control-plane' }), workersOnly), [
    { verb: 'approve', possible: false },
    { verb: 'reject', possible: true }
  ])
})

t.test('a rejection says what it takes away', async (t) => {
  t.equal(effectOfReject({ state: 'pending' }), undefined)
  t.match(effectOfReject({ state: 'joining' }), /ends its join/)
  t.match(effectOfReject({ state: 'recovering' }), /stays in the cluster/)
})
