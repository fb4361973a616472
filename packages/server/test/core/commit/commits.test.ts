import { anEnrolment } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { makeLog } from '../../../src/core/base/log.ts'
import { Commits, type Committed, type Follower } from '../../../src/core/commit/commits.ts'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'
import type { Change, CommitResult } from '../../../src/core/ports/store/change.ts'

const now = new Date('2026-01-01T00:00:00Z')
const aChange = (id: string): Change => ({
  enrolments: [anEnrolment(id)],
  entries: [{ subject: id, entry: entry(now, 'operator', 'approve', '') }]
})
const idOf = ({ change }: Committed) => change.enrolments?.[0]?.id

/** Commits to a store that answers as the test says, and two followers. */
const open = (answer: (change: Change) => Promise<CommitResult> = async () => 'committed') => {
  const written: Change[] = []
  const lines: string[] = []
  const heard = { one: [] as Committed[], other: [] as Committed[] }
  const follower = (name: 'one' | 'other'): Follower => ({
    name,
    take: (committed) => void heard[name].push(committed)
  })
  const followers = [follower('one'), follower('other')]
  const ends: string[] = []
  const commits = new Commits({
    store: {
      commit: async (change) => {
        const result = await answer(change)
        if (result === 'committed') written.push(change)
        return result
      }
    },
    leavesOf: ({ entries = [] }) => entries.map(({ subject, entry: { event } }) => `${subject} ${event}`),
    followers: () => followers,
    monotonic: () => 0,
    log: makeLog({ write: (line) => void lines.push(line) }),
    meter: { ended: (result) => void ends.push(result) }
  })
  return { commits, written, heard, followers, ends, log: () => lines.join('') }
}

t.test('a change is written with its leaves, before those that its caller gives', async (t) => {
  const { commits, written } = open()
  await commits.append({ ...aChange('a'), leaves: ['own'] })
  t.same(written[0]?.leaves, ['a approve', 'own'])
})

t.test('each follower hears of each commit once, at its place, before the caller goes on', async (t) => {
  const { commits, heard } = open()
  for (const id of ['a', 'b', 'c']) {
    await commits.append(aChange(id))
    t.equal(heard.one.length, commits.place)
  }
  t.same(
    heard.one.map((one) => [one.place, idOf(one)]),
    [
      [1, 'a'],
      [2, 'b'],
      [3, 'c']
    ]
  )
  t.same(heard.other, heard.one)
})

t.test('commits that end side by side have places in the order in which they ended', async (t) => {
  const first = Promise.withResolvers<void>()
  const { commits, heard } = open(async ({ enrolments = [] }) => {
    if (enrolments[0]?.id === 'slow') await first.promise
    return 'committed'
  })
  const slow = commits.append(aChange('slow'))
  await commits.append(aChange('quick'))
  first.resolve()
  await slow
  t.same(heard.one.map(idOf), ['quick', 'slow'])
  t.same(
    heard.one.map(({ place }) => place),
    [1, 2]
  )
})

t.test('nobody hears of what was not written: it was tried, refused, or failed', async (t) => {
  const { commits, heard, written, ends } = open(async ({ enrolments = [] }) => {
    if (enrolments[0]?.id === 'full') throw new Error('the disk is full')
    return enrolments[0]?.id === 'old' ? 'stale' : 'committed'
  })
  await commits.append({ ...aChange('a'), tried: true })
  t.equal(written[0]?.leaves, undefined, 'what is tried has no leaf')
  t.equal(await commits.append(aChange('old')), 'stale')
  await t.rejects(commits.append(aChange('full')), /full/)
  t.same(heard.one, [])
  t.equal(commits.place, 0)
  t.same(ends, ['committed', 'stale', 'failed'])
})

t.test("nobody hears of the server's own bookkeeping: each telling of it would make the next one", async (t) => {
  const { commits, heard, written } = open()
  for (const change of [{ generation: 2 }, { queue: { receivers: [] } }, { generation: 3, queue: {} }] as const) {
    t.equal(await commits.append(change), 'committed')
  }
  t.same([written.length, heard.one.length, commits.place], [3, 0, 0])
  await commits.append({ ...aChange('a'), generation: 4 })
  t.same([heard.one.map(idOf), commits.place], [['a'], 1], 'what comes with more is told')
})

t.test('a follower that fails fails neither the commit nor another follower', async (t) => {
  const { commits, heard, followers, log } = open()
  followers.unshift({
    name: 'broken',
    take: () => {
      throw new Error('no such thing')
    }
  })
  t.equal(await commits.append(aChange('a')), 'committed')
  t.same(heard.other.map(idOf), ['a'])
  t.match(log(), /"follower":"broken"/)
})
