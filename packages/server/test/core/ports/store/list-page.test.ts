import t from 'tap'
import { continueAfter, walkedTo, walkPage } from '../../../../src/core/ports/store/list-page.ts'

/** Items at the places 1 to `count`, each its place. `read` has those that were asked for. */
const walkOf = (count: number) => {
  const read: number[] = []
  async function* walk() {
    for (let place = 1; place <= count; place += 1) {
      read.push(place)
      yield { place, item: place }
    }
  }
  return { walk: walk(), read }
}

t.test('a page comes in parts, and its last part says where the next page begins', async (t) => {
  const all = () => true
  const even = (item: number) => item % 2 === 0
  for (const [count, limit, fits, sizes, after, read] of [
    [0, undefined, all, [0], undefined, 0],
    [3, undefined, all, [3], undefined, 3],
    [50, undefined, all, [50], undefined, 50],
    [51, undefined, all, [50, 1], undefined, 51],
    [120, '100', all, [50, 50], 100, 101],
    [100, '100', all, [50, 50], undefined, 100],
    [120, '70', all, [50, 20], 70, 71],
    [9, '1', all, [1], 1, 2],
    [9, '2', even, [2], 4, 6],
    [9, '4', even, [4], undefined, 9],
    [9, '4', () => false, [0], undefined, 9]
  ] as const) {
    const what = `${count} items, limit ${limit}`
    const walked = walkOf(count)
    const parts = await Array.fromAsync(walkPage(walked.walk, fits, { ...(limit !== undefined && { limit }) }))
    t.same(
      parts.map(({ items }) => items.length),
      sizes,
      what
    )
    const items = parts.flatMap((part) => part.items)
    t.same(
      items,
      items.filter(fits).toSorted((one, other) => one - other),
      what
    )
    t.same(
      parts.map(({ next }) => next),
      [...sizes.slice(1).map(() => undefined), after === undefined ? undefined : continueAfter(after)],
      what
    )
    t.equal(walked.read.length, read, `${what}: no more is read`)
  }
})

t.test('a token that no page gave is refused', (t) => {
  t.equal(walkedTo({}), 0)
  t.equal(walkedTo({ continue: continueAfter(7) }), 7)
  for (const place of ['x', '-1', '1.5', '1e400', 'NaN', `${2 ** 53}`, '7 OR 1=1', '\0', '{}'])
    t.throws(() => walkedTo({ continue: continueAfter(place) }), { code: 'invalid-request' }, place)
  t.end()
})
