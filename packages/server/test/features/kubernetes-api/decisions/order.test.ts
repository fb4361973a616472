import { day } from '@joinery/protocol'
import t from 'tap'
import { budgets } from '../../../../src/core/base/budgets.ts'
import type { SeenDecision } from '../../../../src/core/ports/objects/decisions.ts'
import { byEnrolment, overDecisions } from '../../../../src/features/kubernetes-api/decisions/carry-out.ts'

const now = new Date('2026-01-10T00:00:00Z')
const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const

type Differs = Partial<SeenDecision> & { about?: string; by?: string }

const seen = (uid: string, verdict: string, differs: Differs = {}): SeenDecision => {
  const { about = ids[0], by = 'alice', ...more } = differs
  const spec = { enrolment: about, role: 'worker', verdict, key: '', revision: 1, by, reason: 'r' }
  return { name: uid, uid, resourceVersion: '1', generation: 1, created: now, spec, isSettled: false, ...more }
}
const uids = (some: readonly SeenDecision[]): string[] => some.map(({ uid }) => uid)

t.test('what takes away goes first, then the older one, each enrolment by itself', async (t) => {
  const older = new Date(now.getTime() - 1)
  const open = [
    seen('a', 'approve'),
    seen('b', 'reject'),
    seen('c', 'retry', { created: older }),
    seen('d', 'approve', { about: ids[1] }),
    seen('e', 'remove', { about: ids[1] })
  ]
  t.same(byEnrolment(open, 10).map(uids), [
    ['b', 'c', 'a'],
    ['e', 'd']
  ])
  t.same(byEnrolment(open, 2).flatMap(uids).sort(), ['b', 'e'], 'and so with a bound')
})

t.test('C8: users take turns, so that the Decision of one is judged beside thousands of another', async (t) => {
  const newer = new Date(now.getTime() + 1)
  const many = Array.from({ length: 10_000 }, (_, place) =>
    seen(`i-${place}`, place % 2 === 0 ? 'reject' : 'approve', { by: 'ivan', about: ids[1] })
  )
  // bob approves the very machine that ivan floods
  const others = [seen('a', 'reject'), seen('b', 'approve', { by: 'bob', about: ids[1] })]
  const chosen = byEnrolment([...many, seen('new', 'remove', { by: 'ivan', created: newer }), ...others], 200).flat()
  t.ok(chosen.length <= 201, `${chosen.length}`)
  for (const uid of ['a', 'b', 'new']) t.ok(uids(chosen).includes(uid), uid)
})

t.test('an approval takes the rejections of others with it, and waits if they are too many', async (t) => {
  const approval = seen('a', 'approve')
  const by = (count: number) =>
    Array.from({ length: count }, (_, place) => seen(`r-${place}`, 'reject', { by: `u-${place}` }))
  const newer = new Date(now.getTime() + 1)
  const elsewhere = seen('e', 'reject', { by: 'u-0', about: ids[1], created: newer })
  const some = byEnrolment([elsewhere, approval, ...by(1)], 2).map(uids)
  t.same(some, [['r-0', 'a'], ['e']], 'it is not the turn of this rejection, and it goes first')
  const all = byEnrolment([approval, ...by(100)], 10).flat()
  t.ok(all.length < 20, `${all.length}`)
  t.notOk(uids(all).includes('a'))
})

t.test('C8: nobody floods away the settled Decisions of others', async (t) => {
  const settled = (uid: string, by: string, ago: number) =>
    seen(uid, 'approve', { by, isSettled: true, created: new Date(now.getTime() - ago) })
  const many = Array.from({ length: 1_000 }, (_, place) => settled(`i-${place}`, 'ivan', place))
  const over = uids(overDecisions([...many, settled('a', 'alice', day)], 100, now))
  t.equal(over.length, 901)
  t.notOk(over.includes('a'), 'hers is old, and stays')
  t.notOk(over.includes('i-98'))
  t.ok(over.includes('i-99'), 'of his the newest stay')
})

t.test('C8: a look deletes more Decisions than it settles', async (t) => {
  const { judged, deleted } = budgets.decisions
  t.ok(deleted >= 2 * judged, 'twice as many: an approval may take a rejection with it')
})

t.test('a Decision is deleted after seven days, and beyond the bound the oldest that are settled', async (t) => {
  const ago = (uid: string, days: number, isSettled: boolean) =>
    seen(uid, 'approve', { created: new Date(now.getTime() - days * day), isSettled })
  const listed = [ago('a', 8, false), ago('b', 8, true), ago('c', 7, true), ago('d', 1, true), ago('e', 6, false)]
  t.same(uids(overDecisions(listed, 9, now)), ['a', 'b'])
  t.same(uids(overDecisions(listed, 1, now)), ['a', 'b', 'c'])
  t.same(uids(overDecisions(listed, 0, now)), ['a', 'b', 'd', 'c'], 'an open one stays')
})
