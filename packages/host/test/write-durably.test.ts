import { readdirSync, readFileSync, statSync } from 'node:fs'
import { link } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { writeDurably } from '../src/write-durably.ts'

t.test('a file is replaced as a whole, for its owner alone, and a draft that a crash left goes', async (t) => {
  const folder = t.testdir({ key: 'old', '.key.new': 'half' })
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  await writeDurably(join(folder, 'key'), new Uint8Array([0, 255]))
  t.same(readdirSync(folder), ['key'])
  t.equal(readFileSync(join(folder, 'key'), 'hex'), '00ff')
  t.equal(statSync(join(folder, 'key')).mode & 0o777, 0o600)
  process.umask(0o077)
  await writeDurably(join(folder, 'key'), 'text', { mode: 0o644, syncsFolder: false })
  t.equal(statSync(join(folder, 'key')).mode & 0o777, 0o644, 'whatever the umask is')
})

t.test('a content that breaks off leaves the old file and no draft', async (t) => {
  const folder = t.testdir({ key: 'old' })
  async function* broken() {
    yield Buffer.from('new')
    throw new Error('cut')
  }
  await t.rejects(writeDurably(join(folder, 'key'), broken()), { message: 'cut' })
  t.same(readdirSync(folder), ['key'])
  t.equal(readFileSync(join(folder, 'key'), 'utf8'), 'old')
})

t.test('a file that is only to be made is not replaced, and no draft is left', async (t) => {
  const folder = t.testdir({ there: 'old' })
  await t.rejects(writeDurably(join(folder, 'there'), 'new', { place: link }), { code: 'EEXIST' })
  t.equal(readFileSync(join(folder, 'there'), 'utf8'), 'old')
  await writeDurably(join(folder, 'made'), 'new', { place: link })
  t.same(readdirSync(folder), ['made', 'there'])
})

t.test("a draft of somebody else's is neither written through nor removed", async (t) => {
  const folder = t.testdir({ 'a.draft': 'theirs' })
  const draft = join(folder, 'a.draft')
  await t.rejects(writeDurably(join(folder, 'a'), 'mine', { draft }), { code: 'EEXIST' })
  t.same(readdirSync(folder), ['a.draft'])
  t.equal(readFileSync(draft, 'utf8'), 'theirs')
})
