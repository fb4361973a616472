import { day } from '@joinery/protocol'
import t from 'tap'
import type { SeenDecision } from '../../../src/kubernetes-door/decisions/decisions.ts'
import { byEnrolment } from '../../../src/kubernetes-door/decisions/in-turn-of-enrolment.ts'
import { overDecisions } from '../../../src/kubernetes-door/decisions/over-decisions.ts'

const now = new Date('2026-01-10T00:00:00Z')
const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const

const seen = (uid: string, verdict: string, differs: Partial<SeenDecision> & { about?: string } = {}): SeenDecision => {
  const { about = ids[0], ...more } = differs
  const spec = { enrolment: about, role: 'worker', verdict, key: '', revision: 1, by: 'alice', reason: 'r' }
  return { name: uid, uid, resourceVersion: '1', created: now, spec, isSettled: false, ...more }
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

t.test('a Decision is deleted after seven days, and beyond the bound the oldest that are settled', async (t) => {
  const ago = (uid: string, days: number, isSettled: boolean) =>
    seen(uid, 'approve', { created: new Date(now.getTime() - days * day), isSettled })
  const listed = [ago('a', 8, false), ago('b', 8, true), ago('c', 7, true), ago('d', 1, true), ago('e', 6, false)]
  t.same(uids(overDecisions(listed, 9, now)), ['a', 'b'])
  t.same(uids(overDecisions(listed, 1, now)), ['a', 'b', 'c'])
  t.same(uids(overDecisions(listed, 0, now)), ['a', 'b', 'd', 'c'], 'an open one stays')
})
