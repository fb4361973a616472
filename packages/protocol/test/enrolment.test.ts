import t from 'tap'
import { beginnings, type Event, events, forAgents, next, type State, states } from '../src/enrolment.ts'

/** The design's table (section 2), written out: every pair that is not here is forbidden. */
const allowed: [State, Event, State][] = [
  ['pending', 'approve', 'approved'],
  ['pending', 'reject', 'rejected'],
  ['pending', 'expire', 'expired'],
  ['pending', 'conflict', 'frozen'],
  ['approved', 'claim', 'joining'],
  ['approved', 'evidence-changed', 'pending'],
  ['approved', 'restore', 'pending'],
  ['joining', 'restore', 'pending'],
  ['approved', 'reject', 'rejected'],
  ['approved', 'expire', 'expired'],
  ['approved', 'conflict', 'frozen'],
  ['approved', 'register', 'joined'],
  ['joining', 'claim', 'joining'],
  ['joining', 'register', 'joined'],
  ['joining', 'become-ready', 'ready'],
  ['joining', 'fail', 'approved'],
  ['joining', 'give-up', 'failed'],
  ['joining', 'reject', 'rejected'],
  ['joining', 'conflict', 'frozen'],
  ['joined', 'become-ready', 'ready'],
  ['joined', 'reject', 'rejected'],
  ['joined', 'remove', 'removed'],
  ['frozen', 'release', 'pending'],
  ['frozen', 'reject', 'rejected'],
  ['frozen', 'expire', 'expired'],
  ['failed', 'retry', 'approved'],
  ['failed', 'register', 'joined'],
  ['failed', 'remove', 'removed'],
  ['expired', 'retry', 'pending'],
  ['expired', 'remove', 'removed'],
  ['ready', 'remove', 'removed'],
  ['ready', 'recover', 'recovering'],
  ['joined', 'recover', 'recovering'],
  ['ready', 'retry', 'ready'],
  ['joined', 'retry', 'joined'],
  ['recovering', 'approve', 'recovering'],
  ['recovering', 'claim-recovery', 'recovering'],
  ['recovering', 'become-ready', 'ready'],
  ['recovering', 'end-recovery', 'ready'],
  ['recovering', 'end-early-recovery', 'joined'],
  ['recovering', 'reject', 'ready'],
  ['recovering', 'expire', 'ready'],
  ['recovering', 'restore', 'ready'],
  ['recovering', 'remove', 'removed']
]

t.test('every event in every state does what the design says, and nothing else', async (t) => {
  for (const state of states) {
    for (const event of events) {
      const expected = allowed.find(([from, by]) => from === state && by === event)?.[2]
      t.equal(next(state, event), expected, `${state} + ${event}`)
    }
  }
})

t.test('a state goes back only by an event that makes a new decision necessary', async (t) => {
  const rank = (state: State) => ['pending', 'approved', 'joining', 'joined', 'ready'].indexOf(state)
  const back = allowed.filter(([from, , to]) => rank(from) >= 0 && rank(to) >= 0 && rank(to) < rank(from))
  t.same(
    back.map(([from, event]) => `${from} ${event}`),
    ['approved evidence-changed', 'approved restore', 'joining restore', 'joining fail']
  )
})

t.test('no event leads out of rejected and removed', async (t) => {
  for (const end of ['rejected', 'removed'] as const)
    t.notOk(
      events.some((event) => next(end, event)),
      end
    )
})

t.test('an enrolment begins as pending, or, without an agent, as joining', async (t) => {
  t.same(beginnings, { code: 'pending', 'join-command': 'joining' })
})

t.test('an event that needs an agent leads to a state in which an agent acts', async (t) => {
  for (const event of forAgents) {
    const to = states.flatMap((state) => next(state, event) ?? [])
    const acting: State[] = ['pending', 'approved', 'recovering']
    // a machine that has joined asks for the way back again
    if (event === 'retry') acting.push('joined', 'ready')
    t.ok(
      to.every((state) => acting.includes(state)),
      event
    )
  }
})
