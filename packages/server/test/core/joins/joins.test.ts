import { setImmediate as turn } from 'node:timers/promises'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import { Joins } from '../../../src/core/joins/joins.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'

/** A line for `most` places, of which `joining` are taken. */
const openLine = (most: number, joining = 0) => {
  const polls = new Set<string>()
  const told: string[] = []
  const state = {
    joining,
    now: 0,
    answers: { all: 0, slow: 0, refused: 0 },
    documents: new Map<string, EnrolmentDocument>()
  }
  const joins = new Joins({
    store: { enrolment: async (id) => state.documents.get(id) },
    sights: { joins: async () => state.joining },
    cluster: { answers: () => ({ ...state.answers }) },
    clock: { now: () => new Date(state.now) },
    monotonic: () => state.now,
    waiting: {
      has: (key) => polls.has(key),
      notify: (key) => {
        if (polls.delete(key)) told.push(key)
      }
    },
    log: makeLog({ write: () => {} }),
    most
  })
  const approved = (id: string, minute: number) => {
    const one = anEnrolment(id, { state: 'approved', key: id, since: `2026-01-01T00:0${minute}:00.000Z` })
    state.documents.set(id, one)
    return one
  }
  /** Claims, and polls if it has to wait. True if it may join. */
  const claim = async (one: EnrolmentDocument): Promise<boolean> => {
    try {
      await joins.requireTurn(one)
      return true
    } catch {
      polls.add(one.key)
      return false
    }
  }
  const joined = async (one: EnrolmentDocument) => {
    state.joining += 1
    state.documents.set(one.id, { ...one, state: 'joining' })
    joins.note(one.id)
    await joins.look()
  }
  return { joins, state, polls, told, approved, claim, joined }
}

t.test('who finds no place waits, and is told to come in the order of the approvals', async (t) => {
  const { joins, state, told, approved, claim, joined } = openLine(1, 1)
  const [one, two] = [approved('one', 1), approved('two', 2)]
  t.notOk(await claim(two))
  t.notOk(await claim(one))
  t.match(await joins.counts(), { now: 1, atMost: 1, joinsAtOnce: 1, waiting: 2 })
  t.equal(joins.turnOf(two), 'waits for its turn: 1 of 1 machines join')
  await joins.look()
  t.same(told, [], 'there is no place')
  state.joining = 0
  t.notOk(await claim(two), 'nobody overtakes')
  await joins.look()
  t.same(told, ['one'])
  t.ok(await claim(one))
  await joined(one)
  t.equal(joins.turnOf({ ...one, state: 'joining' }), undefined)
  state.joining = 0
  await joins.look()
  t.same(told, ['one', 'two'])
  t.ok(await claim(two))
  await joined(two)
  t.match(await joins.counts(), { now: 1, waiting: 0 })
})

t.test('a machine that is away blocks nobody', async (t) => {
  const { joins, state, polls, told, approved, claim } = openLine(1, 1)
  const [away, deaf, here] = [approved('away', 1), approved('deaf', 2), approved('here', 3)]
  for (const one of [away, deaf, here]) t.notOk(await claim(one))
  polls.delete('away')
  state.now += 10_000
  state.joining = 0
  await joins.look()
  t.same(told, ['deaf'])
  polls.add('deaf')
  state.now += 9_999
  await joins.look()
  t.same(told, ['deaf'], 'it has time to look at itself')
  state.now += 1
  await joins.look()
  t.same(told, ['deaf', 'here'], 'it polls, and does not claim')
  t.ok(await claim(here))
  t.ok(await claim(away), 'once it is back it has its place again')
})

t.test('an enrolment that is no longer approved blocks nobody, though its agent polls', async (t) => {
  const { joins, state, told, approved, claim } = openLine(1, 1)
  const [first, second] = [approved('first', 1), approved('second', 2)]
  for (const one of [first, second]) t.notOk(await claim(one))
  state.documents.set('first', { ...first, state: 'expired' })
  joins.note('first')
  state.joining = 0
  await joins.look()
  t.same(told, ['second'])
})

t.test('a machine that was too late for the last place is in line', async (t) => {
  const { joins, state, told, polls, approved, claim } = openLine(2, 1)
  const one = approved('one', 1)
  t.ok(await claim(one))
  state.joining = 2
  t.match(await joins.missed(one), { code: 'joins-full', message: 'waits for its turn: 2 of 2 machines join' })
  polls.add('one')
  state.joining = 1
  await joins.look()
  t.same(told, ['one'])
})

t.test('the bound follows the answers of the API server, looked at once in five seconds', async (t) => {
  const { joins, state } = openLine(8)
  const bound = () => {
    joins.note('a commit')
    return joins.bound
  }
  t.equal(bound(), 8)
  state.answers = { all: 10, slow: 0, refused: 1 }
  t.equal(bound(), 8)
  state.now += 5_000
  t.equal(bound(), 4)
  t.equal(bound(), 4, 'an answer counts once')
  state.now += 5_000
  t.equal(bound(), 4, 'nothing is known')
  state.answers = { all: 20, slow: 5, refused: 1 }
  state.now += 5_000
  t.equal(bound(), 2)
  state.answers = { all: 30, slow: 5, refused: 1 }
  state.now += 10_000
  t.equal(bound(), 4, 'two windows')
})

t.test('a store that cannot be read is no end of the line', async (t) => {
  const { joins, state, told, approved, claim } = openLine(1, 1)
  t.notOk(await claim(approved('one', 1)))
  const { documents } = state
  state.documents = undefined as never
  joins.note('one')
  await joins.look()
  state.documents = documents
  state.joining = 0
  await turn()
  await joins.look()
  t.same(told, ['one'])
})
