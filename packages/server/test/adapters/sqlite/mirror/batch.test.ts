import { ProblemError } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import t from 'tap'
import { type AskedChange, batchTaker, type Outcome } from '../../../../src/adapters/sqlite/mirror/batch.ts'
import type { Change, CommitResult } from '../../../../src/core/ports/store/change.ts'

const asked = (count: number, first = 0): AskedChange[] =>
  Array.from({ length: count }, (_, index) => ({
    item: { codes: [aCode(String(first + index))] },
    ...Promise.withResolvers<CommitResult>()
  }))

/** Takes batches until nothing is left. Each change has a document of so many characters. */
const takeAll = (all: readonly AskedChange[], characters: number, fails?: (change: Change) => boolean) => {
  const evaluated: number[] = []
  const take = batchTaker((changes): Outcome => {
    evaluated.push(changes.length)
    if (fails !== undefined && changes.some(fails)) throw new ProblemError('store-unavailable')
    const document = { name: 'subject.a', text: 'x'.repeat(characters) }
    return { results: [], parts: [], documents: changes.map(() => ({ part: ['subject', 'a'], document })) }
  })
  const batches: AskedChange[][] = []
  const failed: AskedChange[] = []
  for (let left = all; left.length > 0; ) {
    const taken = take(left)
    if ('error' in taken) failed.push(...taken.batch)
    else batches.push([...taken.batch])
    left = taken.left
  }
  return { evaluated, batches, failed }
}

t.test('what is asked for is taken once and in its order, however long the documents are', async (t) => {
  for (const characters of [1, 10_000, 150_000, 1_000_000]) {
    const all = asked(300)
    const { batches, evaluated } = takeAll(all, characters)
    t.same(batches.flat(), all)
    for (const batch of batches) t.ok(batch.length === 1 || batch.length * characters <= 400_000)
    const sum = evaluated.reduce((one, other) => one + other, 0)
    t.ok(sum <= 3 * all.length + 64, `${sum} changes were evaluated for ${all.length} of ${characters} characters`)
  }
})

t.test('what cannot be written fails alone', async (t) => {
  const all = asked(40)
  const { batches, failed } = takeAll(all, 1, ({ codes }) => ['3', '20'].includes(codes?.[0]?.id ?? ''))
  t.same(
    failed.map(({ item }) => item.codes?.[0]?.id),
    ['3', '20']
  )
  t.equal(batches.flat().length, 38)
})
