import t from 'tap'
import {
  type Event,
  events,
  leadsTo,
  lifetimes,
  meanings,
  next,
  readState,
  type State,
  seenStates,
  states
} from '../src/enrolment.ts'
import * as asked from '../src/state-questions.ts'

/**
 * What each state means, written out by hand: who changes an answer changes it here too. `+` is yes. A state or a question that is
 * missing here fails.
 */
const table = `
                 pending approved joining joined ready recovering frozen failed expired rejected removed unknown
  isLive               +        +       +      +     +          +      +      -       -        -       -       +
  hasEnded             -        -       -      -     -          -      -      -       +        +       +       -
  isFinal              -        -       -      -     -          -      -      -       -        +       +       -
  holdsName            -        +       +      +     +          +      -      -       -        -       -       -
  isStalled            -        -       -      -     -          -      +      +       +        +       +       -
  isOnItsWay           +        +       +      -     -          -      +      +       -        -       -       -
  isBeforeClaim        +        +       -      -     -          -      -      -       -        -       -       -
  hasOpenAttempt       -        -       +      -     -          -      -      -       -        -       -       -
  hasClaimed           -        -       +      +     +          +      -      -       -        -       -       -
  isArriving           -        -       +      +     -          -      -      -       -        -       -       -
  hasJoined            -        -       -      +     +          +      -      -       -        -       -       -
  asksOperator         +        -       -      -     -          +      +      -       -        -       -       -
  awaitsNode           -        +       +      -     -          -      -      -       -        -       -       -
  approvalCounts       -        +       +      +     +          +      -      +       -        -       -       -
  isRecovering          -        -       -      -     -          +      -      -       -        -       -       -
  awaitsApproval       +        -       -      -     -          -      -      -       -        -       -       -
  awaitsClaim          -        +       -      -     -          -      -      -       -        -       -       -
  awaitsReady          -        -       -      +     -          -      -      -       -        -       -       -
  isReady              -        -       -      -     +          -      -      -       -        -       -       -
  isFrozen             -        -       -      -     -          -      +      -       -        -       -       -
  hasFailed            -        -       -      -     -          -      -      +       -        -       -       -
  isRemoved            -        -       -      -     -          -      -      -       -        -       +       -
  isReconciled         -        +       +      +     +          +      +      +       +        +       +       -
  mayHaveNode          -        +       +      +     +          +      -      +       -        -       -       -
  mustHaveNoNode       -        -       -      -     -          -      +      -       +        +       +       -
  renewsByItself       -        -       -      -     +          +      -      -       -        -       +       -
  isEndedByClock       +        +       +      -     -          +      +      -       -        -       -       -
`

const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
const { ask, statesThat, ...questions } = asked
type Asked = keyof typeof questions

t.test('every question has the answer of the design for every state', async (t) => {
  t.same(header, [...seenStates])
  t.same(rows.map(([question]) => question).sort(), Object.keys(questions).sort())
  for (const [question, ...answers] of rows) {
    for (const [index, state] of seenStates.entries()) {
      const answer = questions[question as Asked]({ state })
      t.equal(answer ? '+' : '-', answers[index], `${question} of ${state}`)
      if (question !== 'isEndedByClock')
        t.equal(ask(question as asked.Question)({ state }), answer, `${question} by its name`)
    }
  }
})

t.test('the states that a question is true of come in the order of the table', async (t) => {
  t.same(statesThat(asked.holdsName), ['approved', 'joining', 'joined', 'ready', 'recovering'])
  t.same(
    statesThat((one) => !asked.hasEnded(one)),
    ['pending', 'approved', 'joining', 'joined', 'ready', 'recovering', 'frozen', 'failed']
  )
})

t.test('the clock ends a state by its lifetime, by the deadline of its attempt, or never', async (t) => {
  const clocks: Record<State, string> = {
    pending: 'lifetime',
    approved: 'lifetime',
    joining: 'deadline',
    joined: 'never',
    ready: 'never',
    recovering: 'lifetime',
    frozen: 'lifetime',
    failed: 'never',
    expired: 'never',
    rejected: 'never',
    removed: 'never'
  }
  for (const state of states) t.equal(meanings[state].clock, clocks[state], state)
  t.same(Object.keys(lifetimes).sort(), ['approved', 'frozen', 'pending', 'recovering'])
})

t.test('the meaning of a state fits the events that lead out of it', async (t) => {
  const leads = (state: State, ...by: Event[]) => by.some((event) => next(state, event) !== undefined)
  for (const state of states) {
    const one = { state }
    t.equal(asked.isFinal(one), !leads(state, ...events), `${state}: nothing leads out of it`)
    t.equal(asked.asksOperator(one), leads(state, 'approve', 'release'), `${state}: an operator is asked`)
    t.equal(
      asked.awaitsNode(one) || asked.isRecovering(one),
      leads(state, 'restore'),
      `${state}: an older store takes the approval back`
    )
    t.equal(meanings[state].clock === 'lifetime', leads(state, 'expire'), `${state}: a lifetime makes it expire`)
    t.equal(meanings[state].clock === 'deadline', leads(state, 'give-up'), `${state}: a deadline ends its attempt`)
    t.equal(asked.hasOpenAttempt(one), leads(state, 'fail'), `${state}: an attempt can fail`)
    if (asked.holdsName(one) || asked.isBeforeClaim(one)) t.ok(asked.isLive(one), `${state}: it is alive`)
    if (asked.hasClaimed(one)) t.ok(asked.holdsName(one), `${state}: who has claimed holds the name`)
    if (asked.hasJoined(one)) t.ok(asked.hasClaimed(one), `${state}: who has joined has claimed`)
    if (asked.hasJoined(one)) t.ok(asked.mayHaveNode(one), `${state}: who has joined has a Node`)
    t.equal(
      asked.isRecovering(one),
      leads(state, 'claim-recovery', 'end-recovery'),
      `${state}: a machine is on the way back`
    )
    if (asked.isRecovering(one)) t.ok(asked.hasJoined(one), `${state}: who comes back has joined`)
    if (asked.hasEnded(one)) t.notOk(asked.isLive(one), `${state}: what has ended is not alive`)
    t.notOk(asked.mayHaveNode(one) && asked.mustHaveNoNode(one), `${state}: a Node stays or goes`)
  }
})

t.test('an attempt that fails leads back to approved, and the last one to failed', async (t) => {
  t.same(
    states.filter((state) => leadsTo(state, 'fail', 'give-up')),
    ['approved', 'failed']
  )
  t.same(
    states.filter((state) => leadsTo(state, 'claim')),
    ['joining']
  )
})

t.test('a state that this version does not know is unknown, and everybody waits', async (t) => {
  const made = ['returning', '', 'Pending', 'unknown', '__proto__', 'constructor', 'toString']
  for (const text of made) {
    t.equal(readState(text), 'unknown', text)
    for (const event of events) t.equal(next(text as State, event), undefined, `${text} + ${event}`)
    for (const [question, answer] of Object.entries(questions)) {
      t.equal(answer({ state: text as State }), answer({ state: 'unknown' }), `${question} of ${text}`)
    }
  }
  for (const state of states) t.equal(readState(state), state)
})
