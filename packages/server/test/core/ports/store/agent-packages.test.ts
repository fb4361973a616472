import { hash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { sqliteStore } from '../../../../src/adapters/sqlite/sqlite-store.ts'
import { AgentPackages } from '../../../../src/core/ports/store/agent-packages.ts'

/** More than a stream reads at once. */
const release = randomBytes(300_000)
const sha256 = hash('sha256', release)
const kept = `${sha256}.deb`

/** A folder of kept packages, and a code that names the release. `start` gives what a new process has. */
const aServer = async (t: Test) => {
  const root = t.testdir({})
  const [source, folder] = [join(root, 'joinery-agent.deb'), join(root, 'packages')]
  await writeFile(source, release)
  const store = sqliteStore(':memory:')
  t.teardown(() => store.close())
  const [created, expires] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:30:00.000Z']
  await store.commit({
    codes: [{ id: 'c', revision: 0, hash: 'h', role: 'worker', created, expires, package: sha256 }]
  })
  const start = () => new AgentPackages(store, folder, source)
  const served = async (packages: AgentPackages) => {
    const found = await packages.open(sha256)
    return found && { size: found.size, sha256: hash('sha256', await buffer(found.stream)) }
  }
  return { source, folder, start, served }
}
const whole = { size: release.length, sha256 }

t.test('a package and then its name are on disk before it is served', async (t) => {
  const { source, folder, start } = await aServer(t)
  const synced: string[] = []
  const handle = await open(source)
  const syncs = t.intercept(Object.getPrototypeOf(handle), 'sync', {
    value: async function (this: typeof handle) {
      const { size } = await this.stat()
      const named = await readdir(folder).then((names) => names.includes(kept))
      synced.push(named ? 'the folder' : `${size} bytes`)
    }
  })
  await start().current()
  await handle.close()
  syncs.restore()
  t.same(synced.slice(-2), [`${release.length} bytes`, 'the folder'])
})

t.test('the next copy replaces what a crash left', async (t) => {
  const { folder, start, served } = await aServer(t)
  await mkdir(folder)
  await writeFile(join(folder, `.${kept}.new`), release.subarray(0, 1000))
  const packages = start()
  t.same(await packages.current(), whole)
  t.same(await served(packages), whole)
  t.same(await readdir(folder), [kept], 'nothing else is left')
})

t.test('after a crash that follows the copy the next process has the package', async (t) => {
  const { source, folder, start, served } = await aServer(t)
  await start().current()
  const { ino } = await stat(join(folder, kept))
  const packages = start()
  await packages.current()
  t.equal((await stat(join(folder, kept))).ino, ino, 'it is not copied again')
  await rm(source)
  t.same(await served(packages), whole)
})

t.test('two codes at the same time share one copy', async (t) => {
  const { folder, start, served } = await aServer(t)
  const packages = start()
  t.same(await Promise.all([packages.current(), packages.current(), packages.current()]), [whole, whole, whole])
  t.same(await served(packages), whole)
  t.same(await readdir(folder), [kept])
})

const damages: [what: string, content: Buffer][] = [
  ['empty, as a power cut leaves one', Buffer.alloc(0)],
  ['cut short', release.subarray(0, 1000)],
  ['of the right size and other bytes', Buffer.alloc(release.length)]
]

for (const [what, content] of damages) {
  t.test(`a kept package that is ${what} is replaced, for a code and for a machine`, async (t) => {
    const { folder, start, served } = await aServer(t)
    await mkdir(folder)
    const damage = () => writeFile(join(folder, kept), content)
    await damage()
    t.same(await served(start()), whole)
    await damage()
    const packages = start()
    await packages.current()
    t.same(await served(packages), whole)
  })
}

t.test('a kept package that is cut short while the server runs is replaced', async (t) => {
  const { folder, start, served } = await aServer(t)
  const packages = start()
  await packages.current()
  await writeFile(join(folder, kept), '')
  t.same(await served(packages), whole)
})

t.test('a damaged package that cannot be replaced is served to nobody', async (t) => {
  const { source, folder, start } = await aServer(t)
  await start().current()
  await writeFile(join(folder, kept), '')
  await writeFile(source, 'the next release')
  await t.rejects(start().open(sha256), {
    code: 'agent-package-missing',
    text: { detail: /damaged/, remedy: /joinery code create/ }
  })
})

t.test('a kept package that no code needs goes, and one that new codes name, or is new, stays', async (t) => {
  const { source, folder, start, served } = await aServer(t)
  const packages = start()
  await packages.current()
  const file = join(folder, kept)
  const aged = (time: string) => utimes(file, new Date(time), new Date(time))
  await aged('2026-01-01T00:00:00Z')
  await writeFile(join(folder, 'of somebody else'), 'a')
  await packages.prune(new Date('2026-06-01T00:00:00Z'))
  t.same(await served(packages), whole, 'new codes name it')
  await writeFile(source, 'the next release')
  await packages.current()
  await packages.prune(new Date('2026-01-01T00:30:00Z'))
  t.same(await served(packages), whole, 'its code was good until then')
  await aged('2026-07-01T00:00:00Z')
  await packages.prune(new Date('2026-06-01T00:00:00Z'))
  t.same(await served(packages), whole, 'it was copied since then')
  await aged('2026-01-01T00:00:00Z')
  await packages.prune(new Date('2026-06-01T00:00:00Z'))
  t.same((await readdir(folder)).sort(), [`${hash('sha256', 'the next release')}.deb`, 'of somebody else'].sort())
  await t.rejects(served(packages), { code: 'agent-package-missing' })
  await t.resolves(packages.prune(new Date('2026-06-01T00:00:00Z')), 'again')
  await rm(folder, { recursive: true })
  await t.resolves(packages.prune(new Date('2026-06-01T00:00:00Z')), 'before there is a folder')
})

t.test('a code names the package that is there when it is made, however it came there', async (t) => {
  const { source, start } = await aServer(t)
  const packages = start()
  t.same([await packages.current(), await packages.current()], [whole, whole])
  const { mtime } = await stat(source)
  const next = randomBytes(release.length)
  const replace: [how: string, act: () => Promise<void>][] = [
    ['written in place, with its size and its time as before', () => writeFile(source, next)],
    [
      'moved there',
      async () => {
        await writeFile(`${source}.new`, release)
        await utimes(`${source}.new`, mtime, mtime)
        await rename(`${source}.new`, source)
      }
    ]
  ]
  for (const [how, act] of replace) {
    await act()
    await utimes(source, mtime, mtime)
    t.equal((await packages.current())?.sha256, hash('sha256', await readFile(source)), how)
  }
})
