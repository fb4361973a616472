import { conflictRemedy, type Event, next, states } from '@joinery/protocol'
import t from 'tap'

const operatorEvents: readonly Event[] = ['approve', 'reject', 'release', 'retry', 'remove']
const of = (state: (typeof states)[number], name = 'worker-1') => ({ id: 'e1', name, state })

t.test('each event of an operator that is not possible has a remedy that is possible', async (t) => {
  for (const event of operatorEvents) {
    for (const state of states.filter((one) => next(one, event) === undefined)) {
      const remedy = conflictRemedy(event, of(state))
      t.match(remedy, /joinery /, `${event} of ${state}`)
      const [, verb] = /^joinery (approve|reject|release|retry|remove) /.exec(remedy ?? '') ?? []
      if (verb !== undefined) t.ok(next(state, verb as Event), `${event} of ${state}: ${verb}`)
    }
  }
})

t.test('the remedy does what the operator wanted, by the name or the id that works', async (t) => {
  t.equal(conflictRemedy('reject', of('ready')), 'joinery remove worker-1')
  t.equal(conflictRemedy('remove', of('pending')), 'joinery reject worker-1 --reason REASON')
  t.equal(conflictRemedy('approve', of('removed')), 'it needs a new code: joinery code create --name worker-1')
  t.equal(conflictRemedy('retry', of('rejected')), 'it needs a new code: joinery code create --name worker-1')
  t.equal(conflictRemedy('approve', of('failed')), 'joinery retry worker-1')
  t.equal(conflictRemedy('approve', of('failed', 'Bad Name; rm')), 'joinery retry e1')
  t.equal(conflictRemedy('approve', of('rejected', 'Bad Name; rm')), 'it needs a new code: joinery code create')
})

t.test('an agent gets only codes', async (t) => t.equal(conflictRemedy('claim', of('pending')), undefined))
