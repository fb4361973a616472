import type { WritableStore } from '@joinery/server/testing/store'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import { emptyTree } from '@joinery/tlog'
import type { Test } from 'tap'

const leaf = (event: string): string => JSON.stringify({ event })
const log = (revision: number) => ({ revision, name: '2026', origin: 'joinery.dev/c/s', tree: emptyTree })

/** What every store must do for the audit log. */
export const auditContract = (t: Test, name: string, open: (t: Test) => Promise<WritableStore>): void => {
  const waiting = async (store: WritableStore, limit = 9) => (await store.audit.waiting(limit)).map((one) => one.leaf)

  t.test(`${name} has the leaves of a commit with it, in their order, or none of both`, async (t) => {
    const store = await open(t)
    const enrolment = anEnrolment('e')
    t.equal(await store.commit({ enrolments: [enrolment], leaves: [leaf('a'), leaf('b')] }), 'committed')
    t.equal(await store.commit({ enrolments: [enrolment], leaves: [leaf('of a stale one')] }), 'stale')
    t.equal(
      await store.commit({ enrolments: [{ ...enrolment, revision: 1 }], leaves: [leaf('tried')], tried: true }),
      'committed'
    )
    t.same(await waiting(store), [leaf('a'), leaf('b')])
    t.equal(await store.audit.countWaiting(), 2)
  })

  t.test(`${name} forgets leaves only with the log that has them, and gives no place twice`, async (t) => {
    const store = await open(t)
    t.equal(await store.audit.log(), undefined)
    await store.commit({ leaves: ['a', 'b', 'c'].map(leaf) })
    const [, second] = await store.audit.waiting(9)
    const through = second?.sequence ?? 0
    t.equal(await store.commit({ audit: { log: log(7), through } }), 'stale')
    t.equal(await store.audit.countWaiting(), 3, 'a stale one takes nothing')
    t.equal(await store.commit({ audit: { log: log(0), through } }), 'committed')
    t.same(await waiting(store), [leaf('c')])
    t.same(await store.audit.log(), log(1))
    t.equal(await store.commit({ audit: { log: log(0) } }), 'stale', 'twins write one after the other')
    t.equal(await store.commit({ audit: { log: log(1), through: through + 1 } }), 'committed')
    await store.commit({ leaves: [leaf('d')] })
    t.same(
      (await store.audit.waiting(9)).map(({ sequence }) => sequence),
      [through + 2]
    )
  })
}
