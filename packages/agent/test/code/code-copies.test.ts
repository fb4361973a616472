import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Files, filesUnder } from '@joinery/host/files'
import { makeCode } from '@joinery/protocol'
import { needsRoot } from '@joinery/testing/processes/needs'
import t, { type Test } from 'tap'
import { wipeCodeCopies } from '../../src/code/code-source.ts'
import { spentCode } from '../../src/code/spent-code.ts'

const code = makeCode((bytes) => new Uint8Array(bytes).fill(9))
const copies = [
  '/var/lib/cloud/instances/i-1/user-data.txt',
  '/var/lib/cloud/instances/i-1/user-data.txt.i',
  '/var/lib/cloud/instances/i-1/cloud-config.txt',
  '/var/lib/cloud/instances/i-1/obj.pkl',
  '/var/lib/cloud/instances/i-0/user-data.txt',
  '/run/cloud-init/instance-data-sensitive.json',
  '/run/cloud-init/combined-cloud-config.json',
  '/var/lib/cloud/seed/nocloud/user-data'
]
/** Bytes that are no UTF-8 around the code, as a pickle has them. */
const text = (inside: string): Buffer => Buffer.from(`\x80\x05\x95\xff\x00${inside}\n\xc3\x28`, 'latin1')

/** A machine with all of them. */
const machine = async (t: Test, paths = copies): Promise<string> => {
  const root = t.testdir({})
  for (const path of paths) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), text(code))
    await chmod(join(root, path), 0o600)
  }
  return root
}
const contents = (root: string): Promise<Buffer[]> => Promise.all(copies.map((path) => readFile(join(root, path))))
const wiped = copies.map(() => text(spentCode))

t.test('a wipe leaves no copy of the code and changes nothing else in the files', async (t) => {
  const root = await machine(t)
  await wipeCodeCopies(filesUnder(root))
  t.same(await contents(root), wiped)
  for (const path of copies) t.equal((await stat(join(root, path))).mode & 0o777, 0o600, path)
  t.same(await readdir(join(root, '/run/cloud-init')), ['combined-cloud-config.json', 'instance-data-sensitive.json'])
})

t.test('the owner of a copy stays its owner', { skip: needsRoot }, async (t) => {
  const root = await machine(t)
  const path = join(root, copies[0] ?? '')
  await chown(path, 1234, 4321)
  await wipeCodeCopies(filesUnder(root))
  t.match(await stat(path), { uid: 1234, gid: 4321 })
})

t.test('a machine without cloud-init has nothing to wipe', (t) => t.resolves(wipeCodeCopies(filesUnder(t.testdir({})))))

t.test('a copy that was wiped is not written again', async (t) => {
  const root = await machine(t)
  await wipeCodeCopies(filesUnder(root))
  const inodes = () => Promise.all(copies.map(async (path) => (await stat(join(root, path))).ino))
  const before = await inodes()
  await wipeCodeCopies(filesUnder(root))
  t.same(await inodes(), before)
})

/** The power goes in the middle of a change, before or after the copy has its new content. */
const cut = (files: Files, when: 'before' | 'after', number: number): Files => {
  let changes = 0
  return {
    ...files,
    exists: async (path) => {
      if (changes > number) throw new Error('off')
      return files.exists(path)
    },
    edit: async (path, change) => {
      changes += 1
      if (changes > number && when === 'before') throw new Error('off')
      await files.edit(path, change)
    }
  }
}
for (const when of ['before', 'after'] as const) {
  t.test(`the next wipe completes one that was cut off ${when} it changed a copy`, async (t) => {
    const root = await machine(t)
    for (const number of copies.keys()) {
      await t.rejects(wipeCodeCopies(cut(filesUnder(root), when, number)), /off/, `${number}`)
      for (const content of await contents(root))
        t.ok(
          [text(code), text(spentCode)].some((whole) => whole.equals(content)),
          content.toString()
        )
    }
    await wipeCodeCopies(filesUnder(root))
    t.same(await contents(root), wiped)
  })
}

t.test('two agents that wipe at the same time leave every copy whole', async (t) => {
  const root = await machine(t)
  await Promise.all([wipeCodeCopies(filesUnder(root)), wipeCodeCopies(filesUnder(root))])
  t.same(await contents(root), wiped)
})

t.test('a wipe does not follow a link in place of a copy, and still wipes the other copies', async (t) => {
  const [link = '', ...others] = copies
  const root = await machine(t, others)
  const victim = join(root, 'victim')
  await writeFile(victim, code)
  await symlink(victim, join(root, link))
  await t.rejects(wipeCodeCopies(filesUnder(root)), /ELOOP/)
  t.equal(await readFile(victim, 'utf8'), code)
  for (const path of others) t.same(await readFile(join(root, path)), text(spentCode), path)
})
