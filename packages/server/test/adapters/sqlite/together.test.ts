import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { together } from '../../../src/adapters/sqlite/together.ts'

t.test('calls of one turn of the event loop are done together, each with its own result', async (t) => {
  const batches: number[][] = []
  const { add } = together((items: readonly number[]) => {
    batches.push([...items])
    return items.map((item) => item * 10)
  })
  t.same(await Promise.all([add(1), add(2)]), [10, 20])
  t.equal(await add(3), 30)
  t.same(batches, [[1, 2], [3]])
})

t.test('many calls within some milliseconds are done together, and a single call does not wait', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const batches: number[][] = []
  const { add } = together((items: readonly number[]) => {
    batches.push([...items])
    return [...items]
  })
  await Promise.all([add(1), add(2)])
  const three = add(3)
  await turn()
  const four = add(4)
  await turn()
  t.equal(batches.length, 1, 'they wait for others')
  mock.timers.tick(4)
  await Promise.all([three, four])
  const five = add(5)
  mock.timers.tick(4)
  await five
  await add(6)
  t.same(batches, [[1, 2], [3, 4], [5], [6]])
})

t.test('a call that fails does not fail the others', async (t) => {
  const { add } = together((items: readonly number[]) => {
    if (items.includes(2)) throw new Error('not 2')
    return items.map((item) => item * 10)
  })
  const [one, two, three] = await Promise.allSettled([add(1), add(2), add(3)])
  t.match(one, { value: 10 })
  t.match(two, { reason: { message: 'not 2' } })
  t.match(three, { value: 30 })
})

t.test('flush does waiting calls at once, and only once', async (t) => {
  const done: number[] = []
  const { add, flush } = together((items: readonly number[]) => items.map((item) => done.push(item)))
  const waiting = add(1)
  flush()
  t.same(done, [1])
  await waiting
  await turn()
  t.same(done, [1])
})
