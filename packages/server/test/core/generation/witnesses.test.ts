import { day, hour, minute } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'
import { isOfBefore, knowsMore } from '../../../src/core/generation/judge-witness.ts'
import { readWitness, sealWitness } from '../../../src/core/generation/seal-witness.ts'
import { Witnesses } from '../../../src/core/generation/witnesses.ts'
import { storeSubject } from '../../../src/core/ports/store/timeline.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

const begin = new Date('2026-01-02T00:00:00Z')
const later = (milliseconds: number): Date => new Date(begin.getTime() + milliseconds)
const keyOf = (fill: number) => ({ file: 'master.key', key: new Uint8Array(32).fill(fill) })
const [masterKeys, rotated, others] = [{ all: [keyOf(1)] }, { all: [keyOf(1), keyOf(2)] }, { all: [keyOf(3)] }]
const [key, otherKey] = ['a'.repeat(64), 'b'.repeat(64)]
const told = { enrolment: 'one', revision: 7, at: begin.getTime() / 1000 }
const text = sealWitness(told, key, masterKeys)

const texts: [what: string, text: unknown, key: string, read: typeof told | undefined][] = [
  ['what this machine was told', text, key, told],
  ['what another machine was told', text, otherKey, undefined],
  ['a higher revision', text.replace('.7.', '.8.'), key, undefined],
  ['another enrolment', text.replace('one', 'two'), key, undefined],
  ['another time', text.replace(/\.(\d+)\d\./, '.$19.'), key, undefined],
  ['a MAC of another installation', sealWitness(told, key, others), key, undefined],
  ['a MAC by a key that this server does not have yet', sealWitness(told, key, rotated), key, undefined],
  ['a MAC that is cut', text.slice(0, -1), key, undefined],
  ['two headers', [text, text], key, undefined],
  ['two in one header', `${text}, ${text}`, key, undefined],
  ['a megabyte', 'a'.repeat(1_000_000), key, undefined],
  ['nothing', undefined, key, undefined]
]

t.test('only what this server told this machine is a witness', async (t) => {
  for (const [what, text, key, read] of texts) t.same(readWitness(text, key, masterKeys), read, what)
  t.same(readWitness(text, key, rotated), told, 'an older key reads it')
  t.notSame(sealWitness(told, key, rotated), text, 'the newest key seals')
})

const rows: [what: string, present: number | undefined, age: number, more: boolean][] = [
  ['a store that is as far', 7, 0, false],
  ['a store that is further', 8, 0, false],
  ['a store that is behind', 6, 0, true],
  ['a store that is behind since long', 6, 300 * day, true],
  ['a store that does not have the enrolment', undefined, hour, true],
  ['a store that may have forgotten it', undefined, day, false]
]
t.test('a machine knows more', async (t) => {
  for (const [what, present, age, more] of rows) {
    const found = present === undefined ? undefined : { revision: present }
    t.equal(knowsMore(told, found, later(age)), more, what)
  }
})

const settled: [what: string, setBack: Date | undefined, before: boolean][] = [
  ['a store that never went back, as far as it knows', undefined, false],
  ['told an hour before it was settled', later(hour), true],
  ['told by a host whose clock is ahead', later(-minute + 1), true],
  ['told after that', later(-minute), false]
]
t.test('what was settled is not told again', async (t) => {
  for (const [what, setBack, before] of settled) t.equal(isOfBefore(told, setBack), before, what)
})

/** A store that has each enrolment at this revision, and what agents say to it. */
const storeWith = async (t: Test, revisions: Record<string, number>) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  for (const [id, revision] of Object.entries(revisions)) {
    const enrolment = anEnrolment(id, { name: `machine-${id}`, key: id })
    for (let at = 0; at < revision; at += 1) await store.commit({ enrolments: [{ ...enrolment, revision: at }] })
  }
  let [now, commits, isFull] = [begin, 0, false]
  const witnesses = new Witnesses({
    store: {
      enrolment: (id) => store.enrolment(id),
      timeline: (subject) => store.timeline(subject)
    },
    commits: commitsTo({
      commit: async (change) => {
        if (isFull) throw new Error('the disk is full')
        commits += 1
        return store.commit(change)
      }
    }),
    masterKeys,
    clock: { now: () => now },
    log: makeLog({ write: () => {} })
  })
  return {
    store,
    witnesses,
    says: (enrolment: string, revision: number, at = now) =>
      witnesses.hear(sealWitness({ enrolment, revision, at: at.getTime() / 1000 }, key, masterKeys), key),
    passes: (milliseconds: number) => {
      now = new Date(now.getTime() + milliseconds)
    },
    alerts: async () => (await store.timeline(storeSubject)).filter(({ event }) => event === 'later-known'),
    commits: () => commits,
    fill: (full: boolean) => {
      isFull = full
    }
  }
}

t.test('A2: the machines that know more are one alert a day, and one write for each', async (t) => {
  const { says, alerts, commits, passes, store } = await storeWith(t, { one: 2, two: 2 })
  const before = await store.enrolment('one')
  await says('one', 2)
  await says('one', 1)
  t.equal(commits(), 0, 'a machine that says again what the store knows costs no write')
  for (let count = 0; count < 5; count += 1) await says('one', 3)
  t.match(await alerts(), [{ alert: true, detail: 'machine-one (3, here 2)' }])
  t.equal(commits(), 1, 'a replay costs none')
  passes(hour)
  await says('two', 9)
  await says('lost', 4)
  t.match(await alerts(), [{ count: 3, last: later(hour).toISOString(), detail: 'lost (4, not here)' }])
  passes(day)
  await says('one', 3, begin)
  t.equal((await alerts()).length, 2, 'the next day')
  t.equal(commits(), 4)
  t.same(await store.enrolment('one'), before)
})

t.test('A2: an alert of many machines names ten', async (t) => {
  const { says, alerts } = await storeWith(t, {})
  for (let count = 0; count < 25; count += 1) await says(`${'0'.repeat(60)}${count}`, 999_999)
  const [alert] = await alerts()
  t.equal(alert?.count, 25)
  t.match(alert?.detail, /^25 machines .*, and 15 more$/)
})

t.test('A2: a machine that was told before a settling is silent, and one that was told after it is not', async (t) => {
  const { says, alerts, passes, store } = await storeWith(t, { one: 2 })
  passes(hour)
  const settling = entry(later(hour), 'server', 'restore', '', true)
  await store.commit({ entries: [{ subject: storeSubject, entry: settling }] })
  await says('one', 3, begin)
  await says('lost', 3, begin)
  t.same(await alerts(), [])
  passes(hour)
  await says('one', 4)
  t.equal((await alerts()).length, 1)
})

t.test('a store that takes no alert keeps no request from its answer, and takes it later', async (t) => {
  const { says, alerts, fill } = await storeWith(t, { one: 2 })
  fill(true)
  await says('one', 3)
  t.same(await alerts(), [])
  fill(false)
  await says('one', 3)
  const [alert] = await alerts()
  t.match(alert, { alert: true, detail: /^1 machine was/, count: undefined })
})

t.test('an enrolment that has ended has no witness, since it may be forgotten', async (t) => {
  const { witnesses } = await storeWith(t, {})
  const enrolment = { id: 'one', revision: 7 }
  t.same(readWitness(witnesses.textFor({ ...enrolment, state: 'pending' }, key), key, masterKeys), told)
  for (const state of ['expired', 'rejected', 'removed'] as const) {
    t.equal(witnesses.textFor({ ...enrolment, state }, key), undefined, state)
  }
})
