import t from 'tap'
import type { EnrolmentHead } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import { type Looked, looksDue } from '../../../src/core/reconcile/looks-due.ts'

const head = (id: string): EnrolmentHead => ({ id, name: id, state: 'joined', revision: 1, claimed: true, place: 1 })
const minute = 60_000
const table: [what: string, looked: Looked | undefined, now: number, due: boolean][] = [
  ['was never looked at', undefined, 0, true],
  ['was looked at 4 s ago, in its first minute', { first: 0, last: 10_000 }, 14_000, false],
  ['was looked at 5 s ago, in its first minute', { first: 0, last: 10_000 }, 15_000, true],
  ['was looked at 19 s ago, in its second minute', { first: 0, last: minute }, minute + 19_000, false],
  ['was looked at 20 s ago, in its second minute', { first: 0, last: minute }, minute + 20_000, true],
  ['was looked at a minute ago, after an hour', { first: 0, last: 60 * minute }, 61 * minute, false],
  ['was looked at two minutes ago, after an hour', { first: 0, last: 60 * minute }, 62 * minute, true],
  ['was noted', { first: 0, last: Number.NEGATIVE_INFINITY }, 60 * minute, true]
]
for (const [what, looked, now, due] of table) {
  t.test(`a Node is ${due ? '' : 'not '}due if it ${what}`, async (t) => {
    t.equal(looksDue([head('a')], new Map(looked && [['a', looked]]), now).length, due ? 1 : 0)
  })
}

t.test('the Node that was never looked at is first, then the one that has waited longest', async (t) => {
  const looked = new Map([
    ['a', { first: 0, last: 30_000 }],
    ['b', { first: 0, last: 10_000 }]
  ])
  t.same(
    looksDue(['a', 'b', 'c'].map(head), looked, 50_000).map(({ id }) => id),
    ['c', 'b', 'a']
  )
})
