import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import {
  type AskedDecision,
  type Asker,
  entry,
  makingRoom,
  settling,
  signed
} from '../../../../src/core/enrolment/decision/decision.ts'

const now = new Date('2026-01-01T00:00:00Z')
const enrolment = anEnrolment('e', { revision: 3 })
const approved = { ...enrolment, state: 'approved' as const }
const decide = () => ({
  enrolment: approved,
  entries: [entry(now, 'operator', 'approve', ''), entry(now, 'server', 'labelled', '')]
})
const asked = (differs: Partial<AskedDecision> = {}): Asker => ({
  by: 'alice',
  decision: {
    uid: 'u1',
    require: () => undefined,
    applied: ({ state }) => ({ uid: 'u1', result: 'applied', message: '', state, at: now.toISOString() }),
    ...differs
  }
})
const by = (made: ReturnType<ReturnType<typeof settling>>) => made?.entries.map((one) => [one.by, one.decision])

t.test("only an operator's entry has the name, and the uid of the Decision if there is one", async (t) => {
  t.same(by(signed({}, decide())), [
    [undefined, undefined],
    [undefined, undefined]
  ])
  t.same(by(signed({ by: 'bob (uid 1000)' }, decide())), [
    ['bob (uid 1000)', undefined],
    [undefined, undefined]
  ])
  t.same(by(signed(asked(), decide())), [
    ['alice', 'u1'],
    [undefined, undefined]
  ])
})

t.test('a Decision is settled by the commit of what it does, even if that is nothing', async (t) => {
  t.match(settling(asked(), decide)(enrolment, now), {
    enrolment: { state: 'approved' },
    decided: { uid: 'u1', state: 'approved' }
  })
  const nothing = settling(asked(), () => undefined)(enrolment, now)
  t.match(nothing, { enrolment, entries: { length: 0 }, decided: { uid: 'u1', state: 'pending' } })
  t.equal(settling({ by: 'bob' }, () => undefined)(enrolment, now), undefined, 'an operator at the socket has none')
  t.notOk('decided' in (settling({ by: 'bob' }, decide)(enrolment, now) ?? {}))
})

t.test('a Decision must fit the very document that is decided about', async (t) => {
  const never = asked({
    require: ({ revision }) => {
      throw new Error(`not at ${revision}`)
    }
  })
  t.throws(() => settling(never, decide)(enrolment, now), { message: 'not at 3' })
  t.throws(() => makingRoom(never, decide)(enrolment, now), { message: 'not at 3' })
})

t.test('a step before the last settles nothing, and says which Decision may go on', async (t) => {
  const made = makingRoom(asked(), decide)(enrolment, now)
  t.match(made, { enrolment: { approval: { makingRoom: { decision: 'u1', revision: 4 } } } })
  t.notOk('decided' in (made ?? {}))
  t.equal(makingRoom(asked(), () => undefined)(enrolment, now), undefined)
  t.notOk('makingRoom' in (makingRoom({ by: 'bob' }, decide)(enrolment, now)?.enrolment ?? {}))
  const settled = settling(asked(), (one) => ({ enrolment: one, entries: [] }))(made?.enrolment ?? enrolment, now)
  t.notOk('makingRoom' in (settled?.enrolment ?? {}), 'and it is over then')
})
