import { hash } from 'node:crypto'
import t from 'tap'
import { judgeCounter } from '../../../../src/core/enrolment/ask/decide-recover.ts'

const sum = (value: string): string => hash('sha256', value)
const kept = (confirmed: string | undefined, pending: string | undefined) => ({
  ...(confirmed !== undefined && { confirmed: sum(confirmed) }),
  ...(pending !== undefined && { pending: sum(pending) })
})

/** What the server keeps, what comes as current and next, and what is kept then. Undefined: the last ask came again. */
const rows: [
  what: string,
  keeps: [confirmed?: string | undefined, pending?: string],
  current: string | undefined,
  next: string,
  after: [confirmed: string | undefined, pending: string] | 'same' | 'stranger'
][] = [
  ['the first ask', [], undefined, 'b', [undefined, 'b']],
  ['a first ask with a value', [], 'a', 'b', 'stranger'],
  ['the first ask again', [undefined, 'b'], undefined, 'b', 'same'],
  ['another first ask', [undefined, 'b'], undefined, 'c', 'stranger'],
  ['the next ask', [undefined, 'b'], 'b', 'c', ['b', 'c']],
  ['the next ask again', ['b', 'c'], 'b', 'c', 'same'],
  ['an ask after a lost next value', ['b', 'c'], 'b', 'd', ['b', 'd']],
  ['the ask after that', ['b', 'c'], 'c', 'd', ['c', 'd']],
  ['a value of long ago', ['b', 'c'], 'a', 'd', 'stranger'],
  ['an ask that was answered long ago', ['c', 'd'], 'b', 'c', 'stranger'],
  ['no value although there was one', ['b', 'c'], undefined, 'c', 'stranger'],
  ['no value, and the next one of before', [undefined, 'c'], 'x', 'c', 'stranger']
]
for (const [what, [confirmed, pending], current, next, after] of rows) {
  t.test(`${what}: ${typeof after === 'string' ? after : 'taken'}`, async (t) => {
    const request = { next, ...(current !== undefined && { current }) }
    const verdict = judgeCounter(kept(confirmed, pending), request)
    const expected = typeof after === 'string' ? { is: after } : { is: 'taken', counter: kept(...after) }
    t.same(verdict, expected)
  })
}

t.test('after a freeze that an operator ended, any value is taken', async (t) => {
  for (const current of [undefined, 'x']) {
    const request = { next: 'y', ...(current !== undefined && { current }) }
    t.same(judgeCounter({ ...kept('b', 'c'), unfrozen: true }, request), { is: 'taken', counter: kept(current, 'y') })
  }
})
