import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { changeJournal, changesMade } from '../../../src/machine/mend/change-journal.ts'
import type { PlannedChange } from '../../../src/machine/mend/change-record.ts'

const folder = '/var/lib/joinery-agent/changes'
const forwarding: PlannedChange = {
  check: 'sysctls',
  verb: 'set',
  object: 'net.ipv4.ip_forward',
  before: '0',
  after: '1'
}
const numbered = (number: number): PlannedChange => ({ ...forwarding, before: String(number) })

const fresh = (t: Test) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  return { root, files, journal: changeJournal(files) }
}

t.test('a change is on the disk with its old value before it is made', async (t) => {
  const { files, journal } = fresh(t)
  await journal.begin(forwarding)
  t.same(await changesMade(files), [
    {
      check: 'sysctls',
      what: 'began to set net.ipv4.ip_forward, and was interrupted: it may be done',
      before: '0',
      after: '1'
    }
  ])
})

t.test('crash before: a change that could not begin is not in the journal', async (t) => {
  const { files } = fresh(t)
  const dying = changeJournal({
    ...files,
    create: async () => {
      throw new Error('the power is cut')
    }
  })
  await t.rejects(dying.begin(forwarding), { message: 'the power is cut' })
  t.same(await changesMade(files), [])
})

t.test('crash after: the same change replaces the record of the one that was interrupted', async (t) => {
  const { files, journal } = fresh(t)
  await journal.begin(forwarding)
  const settle = await changeJournal(files).begin(forwarding)
  await settle({ ...forwarding, state: 'made' })
  t.match(await changesMade(files), [{ what: 'set net.ipv4.ip_forward' }])
  t.equal((await changesMade(files)).length, 1)
})

t.test('two changes that begin at the same time are both recorded', async (t) => {
  const { files, journal } = fresh(t)
  await Promise.all([1, 2, 3].map((number) => journal.begin(numbered(number))))
  t.same((await changesMade(files)).map(({ before }) => before).sort(), ['1', '2', '3'])
})

t.test('a change that failed says why', async (t) => {
  const { files, journal } = fresh(t)
  const settle = await journal.begin(forwarding)
  await settle({ ...forwarding, state: 'failed', problem: 'EROFS' })
  t.match(await changesMade(files), [{ what: 'could not set net.ipv4.ip_forward: EROFS' }])
})

t.test('the journal keeps a hundred changes with short texts, so a repeated change fills no disk', async (t) => {
  const { files, journal } = fresh(t)
  for (let number = 1; number <= 105; number += 1) await journal.begin(numbered(number))
  const kept = await changesMade(files)
  t.equal(kept.length, 100)
  t.equal(kept[0]?.before, '6', 'the oldest went')
  for (const _ of [1, 2]) await journal.begin({ ...forwarding, before: 'x'.repeat(100_000) })
  t.equal((await changesMade(files)).length, 100)
  t.equal((await changesMade(files)).at(-2)?.before, '105', 'the same one again has one place')
  t.equal((await changesMade(files)).at(-1)?.before?.length, 8001)
})

const hostile: [string, string | Buffer, RegExp][] = [
  ['binary', Buffer.from([0, 255, 254, 1]), /is damaged: .*JSON/],
  ['half a record', '{"check":"swap"', /is damaged: .*JSON/],
  ['something else', '{"check":"swap","verb":"format","object":"the disk","state":"made"}', /is no record of a change/],
  ['huge', `"${'x'.repeat(70_000)}"`, /has 70002 bytes/],
  ['empty', '', /is damaged/]
]
for (const [name, content, says] of hostile) {
  t.test(`a damaged record (${name}) says so in its place, stays, and hinders nothing`, async (t) => {
    const { root, files, journal } = fresh(t)
    await mkdir(`${root}${folder}`, { recursive: true })
    await writeFile(`${root}${folder}/000001.json`, content)
    const settle = await journal.begin(forwarding)
    await settle({ ...forwarding, state: 'made' })
    t.match(await changesMade(files), [{ what: says }, { what: 'set net.ipv4.ip_forward' }])
    t.match((await changesMade(files))[0]?.what, `${folder}/000001.json`)
    t.equal((await journal.records()).length, 1)
  })
}

t.test('the journal does not follow a link in place of its next record', async (t) => {
  const { root, files, journal } = fresh(t)
  await mkdir(`${root}${folder}`, { recursive: true })
  await writeFile(`${root}/victim`, 'untouched')
  await symlink(`${root}/victim`, `${root}${folder}/000001.json`)
  await journal.begin(forwarding)
  t.equal(await files.read('/victim'), 'untouched')
  t.equal((await journal.records()).length, 1)
})
