import t from 'tap'
import { readList } from '../../../src/kubernetes-door/asked/read-list.ts'

t.test('a list that the cluster forgot in the middle begins again, and not for ever', async (t) => {
  const bounds = { page: 1, listed: 10 }
  let forgotten = 1
  const page = async (_: number, after?: string) => {
    if (after === undefined) return { items: ['a'], next: 'a' }
    forgotten -= 1
    return forgotten >= 0 ? undefined : { items: ['b'] }
  }
  t.same(await readList(page, bounds, 'Codes'), { items: ['a', 'b'], isComplete: true })
  forgotten = 100
  await t.rejects(readList(page, bounds, 'Codes'), { code: 'cluster-unavailable' })
})

t.test('a list is read up to a bound, to the object, and says whether there are others', async (t) => {
  const asked: number[] = []
  const page = async (limit: number) => {
    asked.push(limit)
    return { items: Array.from({ length: limit }, () => 'a'), next: 'more' }
  }
  const { items, isComplete } = await readList(page, { page: 2, listed: 3 }, 'Codes')
  t.equal(items.length, 3)
  t.equal(isComplete, false)
  t.same(asked, [2, 1])
  const whole = await readList(async () => ({ items: ['a'] }), { page: 1, listed: 1 }, 'Codes')
  t.same(whole, { items: ['a'], isComplete: true }, 'as many as the bound, and no others')
})
