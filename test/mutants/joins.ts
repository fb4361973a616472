import type { Mutant } from './mutant.ts'

const bound = {
  file: 'packages/server/src/core/joins/decide-joins.ts',
  killedBy: ['packages/server/test/core/joins/decide-bound.test.ts']
}
const turn = {
  file: 'packages/server/src/core/joins/decide-joins.ts',
  killedBy: ['packages/server/test/core/joins/decide-turn.test.ts']
}
const line = {
  file: 'packages/server/src/core/joins/joins.ts',
  killedBy: ['packages/server/test/core/joins/joins.test.ts']
}
const store = { killedBy: ['test/contract/store-sqlite.process.test.ts'] }

/** How many machines join at once, and who is next. */
export const joins: readonly Mutant[] = [
  {
    ...store,
    file: 'packages/server/src/adapters/sqlite/commit.ts',
    name: 'last-place-for-two',
    text: 'joins(at) >= machines',
    instead: 'joins(at) > machines',
    rule: 'one of two gets the last place'
  },
  {
    ...store,
    file: 'packages/server/src/adapters/sqlite/joins/count-joins.ts',
    name: 'place-after-the-deadline',
    text: 'WHERE deadline > ?',
    instead: 'WHERE deadline >= ?',
    rule: 'at its deadline, to the millisecond, a machine holds no place'
  },
  {
    ...store,
    file: 'packages/server/src/adapters/sqlite/joins/count-joins.ts',
    name: 'place-of-a-join-command',
    text: "->> '$.withoutAgent' IS NULL THEN",
    instead: "->> '$.withoutAgent' IS NULL OR true THEN",
    rule: 'a join command holds no place'
  },
  {
    ...bound,
    name: 'bound-of-nobody',
    text: 'Math.max(1, Math.floor(bound / 2))',
    instead: 'Math.floor(bound / 2)',
    rule: 'somebody may always join'
  },
  {
    ...bound,
    name: 'bound-grows-unseen',
    text: '  if (all === 0) return bound\n',
    instead: '',
    rule: 'without an answer of the API server the bound stays'
  },
  {
    ...bound,
    name: 'bound-above-the-configured',
    text: 'return Math.min(most, next)',
    instead: 'return next',
    rule: 'the bound never grows above the configured one'
  },
  {
    ...turn,
    name: 'last-come-first-served',
    text: 'one.since < other.since',
    instead: 'one.since > other.since',
    rule: 'who was approved first is served first'
  },
  {
    ...turn,
    name: 'away-and-in-line',
    text: '(woken === undefined && polls)',
    instead: 'polls',
    rule: 'a machine that was told to come and polls instead blocks nobody'
  },
  {
    ...line,
    name: 'ended-and-in-line',
    text: '!awaitsClaim(enrolment) || ',
    instead: '',
    rule: 'an enrolment that is no longer approved blocks nobody'
  },
  {
    file: 'packages/server/src/core/services/agent/claim.ts',
    killedBy: [
      'packages/server/test/core/services/agent/claim-guards.test.ts',
      'test/journeys/worker/joins-at-once.test.ts'
    ],
    name: 'repeated-claim-in-line',
    text: "seen.role === 'worker' && openAttempt(seen) === undefined",
    instead: "seen.role === 'worker'",
    rule: 'a claim that is repeated waits for no place'
  }
]
