import { states, untoldShown } from '@joinery/protocol'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { NextPin } from '../../../src/front/status/next-pin.ts'

const [pin, other] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]

t.test('without a rotation nobody is counted, and the store is not asked', async (t) => {
  const next = new NextPin(undefined)
  next.heard('k', pin)
  t.equal(await next.untold({ enrolments: () => Promise.reject(new Error('asked')) }), undefined)
})

t.test('machines on their way count until they say that they keep this pin', async (t) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const enrolments = states.map((state, index) => anEnrolment(state, { state, key: `k${index}`, name: `n-${state}` }))
  await store.commit({ enrolments })
  const next = new NextPin(pin)
  const untold = async () => (await next.untold(store))?.names ?? []
  const waiting = ['pending', 'approved', 'joining', 'recovering', 'frozen', 'failed'].map((state) => `n-${state}`)
  t.same((await untold()).sort(), waiting.sort())
  const keyOf = (state: string) => enrolments.find(({ id }) => id === state)?.key ?? ''
  next.heard(keyOf('pending'), other)
  next.heard(keyOf('pending'), undefined)
  next.heard(keyOf('pending'), [pin])
  t.ok((await untold()).includes('n-pending'), 'another pin, or none, says nothing')
  next.heard(keyOf('pending'), pin)
  t.notOk((await untold()).includes('n-pending'))
  t.match(await next.untold(store), { waiting: 6, count: 5 })
  for (const { key } of enrolments) next.heard(key, pin)
  t.equal(await next.untold(store), undefined)
})

t.test('a machine without an agent never asks, and the names that are shown are bounded', async (t) => {
  const many = Array.from({ length: untoldShown + 5 }, (_, index) => anEnrolment(`e${index}`, { key: `k${index}` }))
  const byHand = anEnrolment('by-hand', { key: '', withoutAgent: true })
  const next = new NextPin(pin)
  const untold = await next.untold({ enrolments: async () => [...many, byHand] })
  t.match(untold, { waiting: untoldShown + 5, count: untoldShown + 5 })
  t.equal(untold?.names.length, untoldShown)
})
