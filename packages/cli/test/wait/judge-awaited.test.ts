import { seenStates } from '@joinery/protocol'
import t from 'tap'
import { type Awaitable, awaitables, isWorthAwaiting, judgeAwaited } from '../../src/wait/judge-awaited.ts'

/** By hand: `+` has come, `.` may come, `-` never comes, in the order of `awaitables`. */
const table: Record<(typeof seenStates)[number], string> = {
  pending: '+.....',
  approved: '++....',
  joining: '++....',
  joined: '+++...',
  ready: '+++++.',
  recovering: '+++...',
  frozen: '-----.',
  failed: '-----.',
  expired: '-----.',
  rejected: '------',
  removed: '-----+',
  unknown: '......'
}
const signs = { '+': 'has come', '.': 'may come', '-': 'never comes' } as const

t.test('each state says for each point whether the machine has come, may come or never comes', async (t) => {
  for (const state of seenStates) {
    const verdicts = awaitables.map((wanted) => judgeAwaited(wanted, { state }))
    t.same(
      verdicts,
      [...table[state]].map((sign) => signs[sign as keyof typeof signs]),
      state
    )
  }
})

t.test('ready means that its Node is Ready now, and in service that its gates hold', async (t) => {
  const judged = (wanted: Awaitable, condition: string, notYet?: string[]) =>
    judgeAwaited(wanted, { state: 'ready', node: { uid: 'u', condition }, ...(notYet && { notYet }) } as never)
  t.equal(judged('ready', 'Ready'), 'has come')
  t.equal(judged('ready', 'NotReady'), 'may come')
  t.equal(judged('ready', 'Gone'), 'may come')
  t.equal(judged('ready', 'Ready', ['a gate']), 'has come')
  t.equal(judged('in-service', 'Ready', ['a gate']), 'may come')
  t.equal(judged('in-service', 'Ready'), 'has come')
  t.equal(judged('in-service', 'NotReady'), 'may come')
  t.equal(judged('joined', 'NotReady'), 'has come')
})

t.test('a selection to wait for has no machines that are over, unless they are to be removed', async (t) => {
  const worth = (wanted: Awaitable) => seenStates.filter((state) => isWorthAwaiting(wanted, { state }))
  t.same(
    seenStates.filter((state) => !worth('ready').includes(state)),
    ['expired', 'rejected', 'removed']
  )
  t.same(worth('removed'), seenStates)
})
