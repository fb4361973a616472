import { aCode } from '@joinery/testing/documents/code'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { settleFork } from '../../../src/core/generation/settle-fork.ts'
import type { LostBranch } from '../../../src/core/ports/log/lost-branch.ts'
import type { Term } from '../../../src/core/ports/log/terms.ts'
import { commitsTo } from '../../../src/testing/commit.ts'

const hour = 3_600_000
const now = new Date('2026-01-02T00:00:00Z')
const at = (hours: number): string => new Date(now.getTime() + hours * hour).toISOString()
const term = (term: number, number: number, before: number, hours: number): Term => ({
  term,
  number,
  before: { number: before, hash: `h${before}`, term: term - 1 },
  at: at(hours)
})

/** A server on a log that was put back twice: its third term began 20 hours ago on batch 120, its fourth 4 hours ago on batch 510. */
const serverOnLog = (t: Test) => {
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  let terms: readonly Term[] = [term(1, 1, 0, -40), term(2, 100, 9, -30), term(3, 500, 120, -20), term(4, 900, 510, -4)]
  const line = {
    log: 'one',
    terms: () => terms,
    settled: async (settled: Partial<Term>) => {
      terms = terms.map((one, index) => (index === terms.length - 1 ? { ...one, ...settled } : one))
    }
  }
  const parts = {
    store,
    commits: commitsTo(store),
    line,
    enrolments: { commitTogether: async (_: unknown, also: object) => (await store.commit(also)) === 'committed' },
    credentials: { settle: async () => undefined },
    clock: { now: () => now },
    log: makeLog({ write: () => undefined })
  }
  const makes = (id: string, hours: number) =>
    store.commit({ codes: [aCode(id, { created: at(hours), expires: at(99) })] })
  return {
    makes,
    hears: (lost: Partial<LostBranch>) =>
      settleFork(parts, { lost: { log: 'one', number: 130, ...lost }, server: 'a' }),
    takesOver: (next: Term) => {
      terms = [...terms, next]
    },
    open: async () => (await store.codes()).filter(({ revoked }) => revoked === undefined).map(({ id }) => id),
    settlings: async () => (await store.alerts(new Date(0), 10)).last.length
  }
}

t.test('A2: what a host says again, or somebody says again for it, is settled once, at later terms too', async (t) => {
  for (const from of [{ from: 500 }, {}]) {
    const server = serverOnLog(t)
    await server.makes('before', -25)
    await server.hears(from)
    t.same(await server.open(), [])
    await server.makes('since', -1)
    server.takesOver(term(5, 2000, 950, 0))
    await server.hears(from)
    t.same(await server.open(), ['since'], JSON.stringify(from))
    t.equal(await server.settlings(), 1)
  }
})

t.test('A2: of two forks each is settled, whichever is heard of first', async (t) => {
  for (const forks of [
    [{ from: 500 }, { from: 900, number: 600 }],
    [{ from: 900, number: 600 }, { from: 500 }]
  ]) {
    const server = serverOnLog(t)
    await server.makes('before both', -25)
    await server.makes('between', -10)
    await server.makes('since', -1)
    for (const fork of forks) await server.hears(fork)
    t.same(await server.open(), ['since'], JSON.stringify(forks))
  }
})

t.test('A2: a fork by a host whose clock was years behind takes everything back, once', async (t) => {
  const server = serverOnLog(t)
  await server.makes('before', -1)
  server.takesOver({ ...term(5, 2000, 950, 0), at: '2020-01-01T00:00:00.000Z' })
  await server.hears({ from: 2000, number: 1000 })
  t.same(await server.open(), [])
  await server.hears({ from: 2000, number: 1000 })
  await server.hears({ from: 500 })
  t.equal(await server.settlings(), 1)
})

t.test('A2: a fork of another log, or of a term that has not begun, takes nothing back', async (t) => {
  const server = serverOnLog(t)
  await server.makes('before', -25)
  await server.hears({ log: 'two' })
  await server.hears({ from: 901 })
  t.same(await server.open(), ['before'])
})
