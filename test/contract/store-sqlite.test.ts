import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@joinery/server/store/sqlite-store.ts'
import type { Store } from '@joinery/server/store/store.ts'
import type { Test } from 'tap'
import t from 'tap'
import { aCode, anEnrolment, storeContract } from './store-contract.ts'

const closing = (t: Test, store: Store): Store => {
  t.teardown(() => store.close())
  return store
}
const newFile = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-store-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return join(folder, 'joinery.db')
}

storeContract(t, 'SQLite in memory', async (t) => closing(t, sqliteStore(':memory:')))
storeContract(t, 'SQLite on file', async (t) => closing(t, sqliteStore(await newFile(t))))

t.test('what was committed is there after the file was opened again, also by two servers at once', async (t) => {
  const file = await newFile(t)
  const [one, two] = [closing(t, sqliteStore(file)), closing(t, sqliteStore(file))]
  await one.commit({ codes: [aCode('c')] })
  t.match(await two.code('c'), { revision: 1 })
  const use = (store: Store, enrolment: string) =>
    store.commit({ codes: [aCode('c', { revision: 1, enrolment })], enrolments: [anEnrolment(enrolment)] })
  t.same([await use(one, 'e'), await use(two, 'f')], ['committed', 'stale'])
})

t.test('a server that is killed loses nothing that it acknowledged, and half of nothing', async (t) => {
  const file = await newFile(t)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'inside/commit-until-killed.ts'), file])
  let acknowledged = ''
  child.stdout.on('data', (chunk) => {
    acknowledged += chunk
    if (acknowledged.length > 2000) child.kill('SIGKILL')
  })
  t.same(await once(child, 'exit'), [null, 'SIGKILL'])
  const ids = acknowledged.split('\n').slice(0, -1)
  const store = closing(t, sqliteStore(file))
  const codes = new Set((await store.codes()).map(({ id }) => id))
  const enrolments = new Set((await store.enrolments()).map(({ id }) => id))
  t.ok(ids.length > 100, `${ids.length} were acknowledged`)
  t.same(
    ids.filter((id) => !codes.has(id) || !enrolments.has(id)),
    []
  )
  t.same([...codes], [...enrolments], 'a code and its enrolment come together')
})

t.test('a file that is no database is said to be unusable, without its text', async (t) => {
  const file = await newFile(t)
  await writeFile(file, 'not a database'.repeat(1000))
  t.throws(() => sqliteStore(file), { code: 'store-unavailable', message: 'the database cannot be read or written' })
})
