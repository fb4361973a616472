import { isDeepStrictEqual } from 'node:util'
import { seededFor } from '@joinery/testing/chance/seeded'
import t from 'tap'
import { type Disturbance, disturbances } from './plan/disturbances.ts'
import { acts, wayOf } from './plan/way.ts'

const planOf = (seed: number, disk = true) => {
  const [ways, faults] = [seededFor(seed, 100), disturbances(seededFor(seed, 2), disk)]
  return {
    ways: Array.from({ length: 200 }, () => wayOf(ways)),
    faults: Array.from({ length: 100 }, (): Disturbance => faults.next().value)
  }
}

t.test('the plan depends only on the seed', async (t) => {
  t.ok(isDeepStrictEqual(planOf(7), planOf(7)))
  t.notOk(isDeepStrictEqual(planOf(7), planOf(8)))
})

t.test('without a small disk a seed disturbs at the same moments', async (t) => {
  const moments = ({ faults }: ReturnType<typeof planOf>) => faults.map(({ answers }) => answers)
  t.same(moments(planOf(7)), moments(planOf(7, false)))
})

t.test('the plans choose each act and each disturbance', async (t) => {
  const { ways, faults } = planOf(7)
  const done = new Set(ways.flatMap((way) => way.map(({ act }) => act)))
  t.same(
    [...acts].filter((act) => !done.has(act)),
    []
  )
  t.same(new Set(faults.map(({ kind }) => kind)), new Set(['kill', 'api', 'disk']))
})
