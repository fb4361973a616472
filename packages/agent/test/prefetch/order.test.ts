import { type ClusterFacts, type SeenState, seenStates } from '@joinery/protocol'
import t from 'tap'
import type { Situation } from '../../src/plan/plan.ts'
import { decideOrder } from '../../src/prefetch/order.ts'

const pause = { image: 'registry.k8s.io/pause:3.10.1' }
const cluster = { prefetch: [pause, { image: '--all' }] } as unknown as ClusterFacts
const inState = (state: SeenState) => ({ state }) as Situation['enrolment'] & object

t.test('images are pulled only while the machine waits for its approval', async (t) => {
  const expected: Record<SeenState, string> = {
    pending: 'pull',
    approved: 'finish',
    joining: 'finish',
    joined: 'finish',
    ready: 'finish',
    recovering: 'finish',
    failed: 'finish',
    frozen: 'stop',
    expired: 'stop',
    rejected: 'stop',
    removed: 'stop',
    unknown: 'stop'
  }
  for (const state of seenStates)
    t.equal(decideOrder({ enrolment: inState(state), cluster }).do, expected[state], state)
})

t.test('what is no image is not pulled, and without a list nothing is', async (t) => {
  const pending = inState('pending')
  t.same(decideOrder({ enrolment: pending, cluster }), { do: 'pull', images: [pause] })
  t.same(decideOrder({ enrolment: pending, cluster: {} as ClusterFacts }), { do: 'pull', images: [] })
  t.same(decideOrder({ enrolment: pending }), { do: 'finish' }, 'the server was not asked yet')
})

t.test('nothing begins with a code that no server has taken, or before the server has spoken', async (t) => {
  t.same(decideOrder({ code: 'jny_', enrolment: inState('pending'), cluster }), { do: 'finish' })
  t.same(decideOrder({ cluster }), { do: 'finish' })
  t.same(decideOrder({ enrolment: 'none', cluster }), { do: 'stop' })
})
