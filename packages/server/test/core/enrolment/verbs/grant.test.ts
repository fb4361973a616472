import { attemptLifetimes, lifetimes, ProblemError } from '@joinery/protocol'
import { aCode } from '@joinery/testing/documents/code'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../../src/adapters/sqlite/sqlite-store.ts'
import { Enrolments } from '../../../../src/core/commit/enrolments.ts'
import { decideClaim } from '../../../../src/core/enrolment/verbs/claim.ts'
import { decideGrant } from '../../../../src/core/enrolment/verbs/grant.ts'
import type { EnrolmentDocument } from '../../../../src/core/ports/store/documents/enrolment-document.ts'
import type { WritableStore } from '../../../../src/core/ports/store/store.ts'
import { commitsTo } from '../../../../src/testing/commit.ts'

const now = new Date('2026-01-01T00:00:00Z')
const sealKey = 'a.b.c'
const granted = (one: EnrolmentDocument) => ({ key: one.key, sealKey, sealed: 'ciphertext' })

/** Two control planes that are approved, in a store that is opened again after each crash. */
const open = async (t: Test) => {
  const file = `${t.testdir({})}/joinery.db`
  const opened = () => {
    const store = sqliteStore(file)
    t.teardown(() => store.close())
    return store
  }
  const approved = (id: string): EnrolmentDocument =>
    anEnrolment(id, {
      role: 'control-plane',
      state: 'approved',
      since: now.toISOString(),
      join: { sealKey, lastAttempt: 3 }
    })
  await opened().commit({ codes: [aCode('code')], enrolments: ['one', 'two'].map(approved) })
  const over = (store: WritableStore, commit: WritableStore['commit'] = store.commit) =>
    new Enrolments({
      store,
      commits: commitsTo({ commit }),
      clock: { now: () => now },
      times: { left: () => undefined },
      lifetimes
    })
  return {
    enrolments: () => over(opened()),
    /** The power is cut before or after the commit. */
    cut: (when: 'before' | 'after') => {
      const store = opened()
      return over(store, async (change) => {
        if (when === 'after') await store.commit(change)
        throw new Error('the power was cut')
      })
    },
    read: async (id: string) => (await opened().enrolment(id)) as EnrolmentDocument
  }
}
const grant = (enrolments: Enrolments, id: string) =>
  enrolments.change(id, (one, at) => decideGrant(one, granted(one), at))
const claim = (enrolments: Enrolments, id: string) =>
  enrolments.change(id, (one, at) => decideClaim(one, { tokenId: 'abc123' }, at))
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error) => (error instanceof ProblemError ? error.code : String(error))
  )

t.test('a crash before the grant is written leaves no grant, and a later grant is good', async (t) => {
  const { enrolments, cut, read } = await open(t)
  await t.rejects(grant(cut('before'), 'one'), /power/)
  t.equal((await read('one')).join.grant, undefined)
  t.equal(await codeOf(claim(enrolments(), 'one')), 'not-granted')
  await grant(enrolments(), 'one')
  t.equal(await codeOf(claim(enrolments(), 'one')), 'done')
})

t.test('a crash after the grant is written leaves it whole, and a second grant is good', async (t) => {
  const { enrolments, cut, read } = await open(t)
  await t.rejects(grant(cut('after'), 'one'), /power/)
  t.match(await read('one'), { join: { grant: { sealed: 'ciphertext', until: '2026-01-01T00:15:00.000Z' } } })
  await grant(enrolments(), 'one')
  t.equal(await codeOf(claim(enrolments(), 'one')), 'done')
})

t.test('a crash before the lease is taken leaves it to anybody', async (t) => {
  const { enrolments, cut, read } = await open(t)
  for (const id of ['one', 'two']) await grant(enrolments(), id)
  await t.rejects(claim(cut('before'), 'one'), /power/)
  t.match(await read('one'), { state: 'approved', join: { attempts: { length: 0 } } })
  t.equal(await codeOf(claim(enrolments(), 'two')), 'done')
})

t.test('a crash after the lease was taken keeps it for the taker', async (t) => {
  const { enrolments, cut, read } = await open(t)
  for (const id of ['one', 'two']) await grant(enrolments(), id)
  await t.rejects(claim(cut('after'), 'one'), /power/)
  t.equal(await codeOf(claim(enrolments(), 'two')), 'control-plane-busy')
  t.equal(await codeOf(claim(enrolments(), 'one')), 'done')
  const {
    join: { attempts }
  } = await read('one')
  t.equal(attempts.length, 1)
  const deadline = new Date(now.getTime() + attemptLifetimes['control-plane']).toISOString()
  t.equal(attempts[0]?.deadline, deadline, 'the lease is not made longer')
})

t.test('two servers that give the lease at once give it once', async (t) => {
  const { enrolments, read } = await open(t)
  for (const id of ['one', 'two']) await grant(enrolments(), id)
  const answers = await Promise.all(['one', 'two'].map((id) => codeOf(claim(enrolments(), id))))
  t.same(answers.sort(), ['control-plane-busy', 'done'])
  const states = await Promise.all(['one', 'two'].map(async (id) => (await read(id)).state))
  t.same(states.sort(), ['approved', 'joining'])
})
