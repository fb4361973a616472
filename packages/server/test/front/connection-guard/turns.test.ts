import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { inTurns } from '../../../src/core/base/in-turns.ts'
import { shortTurns } from '../../../src/core/base/short-turns.ts'

/** How many turns others have while `work` goes on. */
const turnsDuring = async (work: () => Promise<unknown>): Promise<number> => {
  let [turns, goes] = [0, true]
  const others = (async () => {
    for (; goes; turns += 1) await nextTurn()
  })()
  await work()
  goes = false
  await others
  return turns
}

t.test('few things are done in one turn, many in several, in order', async (t) => {
  const things = Array.from({ length: 1001 }, (_, index) => index)
  const pieces: number[] = []
  const work = (some: readonly number[]) => {
    pieces.push(some.length)
    return some
  }
  t.same(await inTurns(things, work), things)
  t.same(pieces, [250, 250, 250, 250, 1])
  t.same(await inTurns([], work), [])
  t.ok((await turnsDuring(() => inTurns(things, work))) >= 4)
})

t.test('work goes on while its turn is short, and lets others have theirs if it is long', async (t) => {
  let now = 0
  const othersTurn = shortTurns(() => now)
  t.equal(othersTurn(), undefined)
  now = 9
  t.equal(othersTurn(), undefined)
  now = 10
  const next = othersTurn()
  t.ok(next)
  t.equal(othersTurn(), next, 'who asks beside it waits for the same turn')
  await next
  t.equal(othersTurn(), undefined, 'and then has a turn of its own')
})
