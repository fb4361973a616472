import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { relative } from 'node:path'
import { type Files, filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { JournalFile } from '../../src/journal/journal.ts'
import { loadIdentity } from '../../src/keys/identity.ts'

/**
 * What is done to files below the root from now on: a write or a sync is told when it has ended, a new name before it is
 * given.
 */
const watchDisk = async (t: Test, root: string): Promise<string[]> => {
  const told: string[] = []
  const opened = new WeakMap<FileHandle, string>()
  const pathOf = (path: unknown): string => `/${relative(root, String(path))}`.replace(/[0-9a-f-]{36}/, 'UUID')
  const { open, rename, link } = fs
  const probe = await open(root)
  const handles = Object.getPrototypeOf(probe) as FileHandle
  await probe.close()
  const { writeFile, sync } = handles

  handles.writeFile = async function (...args) {
    await writeFile.apply(this, args)
    told.push(`written ${opened.get(this)}`)
  }
  handles.sync = async function () {
    await sync.apply(this)
    told.push(`synced ${opened.get(this)}`)
  }
  Object.assign(fs, {
    open: async (...args: Parameters<typeof open>) => {
      const handle = await open(...args)
      opened.set(handle, pathOf(args[0]))
      return handle
    },
    rename: (from: string, to: string) => {
      told.push(`${pathOf(from)} becomes ${pathOf(to)}`)
      return rename(from, to)
    },
    link: (from: string, to: string) => {
      told.push(`${pathOf(from)} becomes ${pathOf(to)}`)
      return link(from, to)
    }
  })
  syncBuiltinESMExports()
  t.teardown(() => {
    Object.assign(handles, { writeFile, sync })
    Object.assign(fs, { open, rename, link })
    syncBuiltinESMExports()
  })
  return told
}

const state = '/var/lib/joinery-agent'
const ids = { machineId: 'a', productUuid: 'b' }

const durable: [string, (files: Files) => Promise<unknown>, string, string][] = [
  ['a file', (files) => files.write('/etc/file', 'text', 0o644), '/etc/file', '/etc/file.UUID.new'],
  [
    'a file that is not there yet',
    (files) => files.create('/etc/file', 'text', 0o644),
    '/etc/file',
    '/etc/file.UUID.new'
  ],
  [
    'a change of a file',
    async (files) => {
      await files.edit('/etc/there', (text) => `${text}!`)
    },
    '/etc/there',
    '/etc/there.UUID.new'
  ],
  [
    'the journal',
    (files) => new JournalFile(files, state).write({ accepted: true }),
    `${state}/journal.json`,
    `${state}/journal.json.UUID.new`
  ],
  ['the key', (files) => loadIdentity(files, state, ids), `${state}/identity.json`, `${state}/identity.json.UUID.new`]
]

for (const [what, write, file, draft] of durable) {
  t.test(`${what} is on the disk before it gets its name, and the name is there before the write ends`, async (t) => {
    const root = t.testdir({ etc: { there: 'text' } })
    const told = await watchDisk(t, root)
    await write(filesUnder(root))
    t.same(told, [
      `written ${draft}`,
      `synced ${draft}`,
      `${draft} becomes ${file}`,
      `synced ${file.replace(/\/[^/]*$/, '')}`
    ])
    t.ok(await fs.readFile(`${root}${file}`, 'utf8'))
  })
}
