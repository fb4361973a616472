import { day } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { storeSubject } from '../../../src/core/ports/store/timeline.ts'
import { UnknownPins } from '../../../src/core/trust/unknown-pins.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

const pinOf = (digit: string): string => `sha256:${digit.repeat(64)}`
const [own, next, evil] = [pinOf('1'), pinOf('2'), pinOf('e')]

const open = async (t: Test) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  for (const id of ['one', 'two']) await store.commit({ enrolments: [anEnrolment(id, { name: id, key: id })] })
  const state = { now: new Date('2026-01-02T00:00:00Z'), isFull: false }
  const pins = new UnknownPins({
    store: {
      enrolmentByKey: (key) => store.enrolmentByKey(key)
    },
    commits: commitsTo({
      commit: async (change) => {
        if (state.isFull) throw new Error('the disk is full')
        return store.commit(change)
      }
    }),
    announced: [own, next],
    clock: { now: () => state.now },
    log: { warn: () => {} } as never
  })
  const alerts = async () => (await store.timeline(storeSubject)).filter(({ event }) => event === 'unknown-pin')
  return { store, state, pins, alerts }
}

t.test(
  'a next pin that this server never announced is one alert a day, with a count, and changes nothing',
  async (t) => {
    const { store, state, pins, alerts } = await open(t)
    const before = await store.enrolment('one')
    await pins.hear('one', evil)
    await pins.hear('one', evil)
    await pins.hear('one', pinOf('f'))
    t.match(await alerts(), [
      { alert: true, detail: /^1 machine keeps a next pin .*: one \(sha256:e+\)$/, count: undefined }
    ])
    await pins.hear('two', evil)
    t.match(await alerts(), [{ count: 2, detail: /^2 machines keep .*: one .*, two / }])
    state.now = new Date(state.now.getTime() + day)
    await pins.hear('one', evil)
    t.equal((await alerts()).length, 2)
    t.same(await store.enrolment('one'), before)
  }
)

t.test('the own pin, the next one, and what is no pin alert nobody; nor does a key without an enrolment', async (t) => {
  const { pins, alerts } = await open(t)
  for (const header of [own, next, undefined, '', 'sha256:e', [evil, evil]]) await pins.hear('one', header)
  await pins.hear('three', evil)
  t.same(await alerts(), [])
})

t.test('a store that takes no alert holds up nobody, and takes it later', async (t) => {
  const { state, pins, alerts } = await open(t)
  state.isFull = true
  await pins.hear('one', evil)
  state.isFull = false
  await pins.hear('one', evil)
  t.equal((await alerts()).length, 1)
})
