import t from 'tap'
import type { SeenObject } from '../../../../src/core/ports/objects/asked-objects.ts'
import { NotSetUp } from '../../../../src/core/ports/objects/not-set-up.ts'
import { readList } from '../../../../src/features/kubernetes-api/asked/read-list.ts'

const made = (uid: string, by = 'alice'): SeenObject => ({
  name: uid,
  uid,
  resourceVersion: '1',
  generation: 1,
  created: new Date(0),
  spec: { by }
})
const many = (count: number, by: string) => Array.from({ length: count }, (_, place) => made(`${by}-${place}`, by))

/** Pages of these objects, as the API server gives them. */
const pagesOf = (objects: readonly SeenObject[]) => {
  const asked: { limit: number; without: readonly string[] }[] = []
  const page = async (limit: number, after: string | undefined, without: readonly string[]) => {
    asked.push({ limit, without: [...without] })
    const all = objects.filter(({ spec }) => !without.includes((spec as { by: string }).by))
    const end = Number(after ?? 0) + limit
    return { items: all.slice(Number(after ?? 0), end), ...(end < all.length && { next: `${end}` }) }
  }
  return { page, asked }
}

t.test('a list that the cluster forgot in the middle begins again, and not for ever', async (t) => {
  const bounds = { page: 1, listed: 10 }
  const [a, b] = [made('a'), made('b')]
  let forgotten = 1
  const page = async (_: number, after?: string) => {
    if (after === undefined) return { items: [a], next: 'a' }
    forgotten -= 1
    return forgotten >= 0 ? undefined : { items: [b] }
  }
  t.same(await readList(page, bounds, 'Codes'), { items: [a, b], isComplete: true })
  forgotten = 100
  await t.rejects(readList(page, bounds, 'Codes'), { code: 'cluster-unavailable' })
})

t.test('a list is read up to a bound, to the object, and says whether there are others', async (t) => {
  const { page, asked } = pagesOf(Array.from({ length: 30 }, (_, place) => made(`${place}`, `user-${place}`)))
  const { items, isComplete } = await readList(page, { page: 2, listed: 11 }, 'Codes')
  t.equal(items.length, 11)
  t.equal(isComplete, false)
  t.same(
    asked.map(({ limit }) => limit),
    [2, 2, 2, 2, 2, 1]
  )
  const whole = await readList(pagesOf(many(1, 'a')).page, { page: 1, listed: 1 }, 'Codes')
  t.match(whole, { items: [{ uid: 'a-0' }], isComplete: true }, 'as many as the bound, and no others')
})

t.test('C8: whoever fills a list is left out of the next one, and what a look reads is bounded', async (t) => {
  const bounds = { page: 200, listed: 10_000 }
  const others = [made('z-1', 'alice'), made('z-2', 'bob')]
  const { page, asked } = pagesOf([...many(50_000, 'ivan'), ...others])
  const { items, isComplete, trouble } = await readList(page, bounds, 'Decisions')
  t.same(
    items.slice(10_000).map(({ uid }) => uid),
    ['z-1', 'z-2']
  )
  t.equal(items.length, 10_002)
  t.same([isComplete, trouble], [false, undefined], 'those of ivan are not all read')
  t.same(asked.at(-1)?.without, ['ivan'])
  t.equal(asked.length, 51)
  const allies = Array.from({ length: 9 }, (_, place) => many(2_000, `ally-${place}`)).flat()
  const crowd = pagesOf([...many(20_000, 'ivan'), ...allies, ...others])
  t.match((await readList(crowd.page, bounds, 'Decisions')).items.at(-1), { uid: 'z-2' }, 'nor do ten users together')
  const mob = pagesOf(Array.from({ length: 100 }, (_, place) => many(2_000, `user-${place}`)).flat())
  const { items: some } = await readList(mob.page, bounds, 'Decisions')
  t.ok(some.length <= 30_000)
  t.ok(mob.asked.length <= 150)
})

t.test('a cluster of an earlier set-up, which cannot leave users out, gives what it can, and says so', async (t) => {
  const { page } = pagesOf(many(50, 'ivan'))
  const unable: typeof page = async (limit, after, without) => {
    if (without.length > 0) throw new NotSetUp('an earlier version set it up')
    return page(limit, after, without)
  }
  const { items, trouble } = await readList(unable, { page: 5, listed: 20 }, 'Codes')
  t.equal(items.length, 20)
  t.match(trouble, /some Codes of the cluster are not read, .*: an earlier version/)
})
