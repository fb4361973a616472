import { readdir, readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { filesUnder } from '../src/files.ts'

t.test('a file that is missing is no error', async (t) => {
  const files = filesUnder(t.testdir({ file: 'text' }))
  t.equal(await files.read('/etc/none'), undefined)
  t.equal(await files.read('/file/none'), undefined)
  t.equal(await files.exists('/none'), false)
  t.same(await files.list('/none'), [])
  await t.resolves(files.remove('/none'))
})

t.test('a file that is there and cannot be read is an error', (t) =>
  t.rejects(filesUnder(t.testdir({ folder: {} })).read('/folder'), { code: 'EISDIR' })
)

t.test('a folder is listed in order', async (t) => {
  t.same(await filesUnder(t.testdir({ net: { eth1: '', eth0: '' } })).list('/net'), ['eth0', 'eth1'])
})

t.test('a written file has its mode, whatever the umask, and leaves no draft', async (t) => {
  const root = t.testdir({ etc: { file: 'old' } })
  const umask = process.umask(0o077)
  t.teardown(() => process.umask(umask))
  const files = filesUnder(root)
  await files.write('/etc/file', 'new', 0o644)
  await files.write('/etc/secret', 'new', 0o600)
  t.equal(await files.read('/etc/file'), 'new')
  t.equal((await stat(join(root, 'etc/file'))).mode & 0o777, 0o644)
  t.equal((await stat(join(root, 'etc/secret'))).mode & 0o777, 0o600)
  t.same(await readdir(join(root, 'etc')), ['file', 'secret'])
})

t.test('a write replaces a link in place of the file, and does not follow it', async (t) => {
  const root = t.testdir({ run: {}, victim: 'untouched' })
  await symlink(join(root, 'victim'), join(root, 'run/join.yaml'))
  await symlink(join(root, 'victim'), join(root, 'run/join.yaml.new'))
  await filesUnder(root).write('/run/join.yaml', 'secret', 0o600)
  t.equal(await readFile(join(root, 'victim'), 'utf8'), 'untouched')
  t.equal(await readFile(join(root, 'run/join.yaml'), 'utf8'), 'secret')
})

t.test('of several writers of a file the last one wins, and nobody reads half a file', async (t) => {
  const root = t.testdir({ etc: { file: 'old' } })
  const files = filesUnder(root)
  const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(100_000))
  await Promise.all(texts.map((text) => files.write('/etc/file', text, 0o644)))
  t.ok(texts.includes((await files.read('/etc/file')) ?? ''))
  t.same(await readdir(join(root, 'etc')), ['file'], 'no draft is left')
})

t.test('a write that fails leaves no draft', async (t) => {
  const root = t.testdir({ etc: { taken: { file: 'text' } } })
  const files = filesUnder(root)
  await t.rejects(files.write('/etc/taken', 'new', 0o644), { code: /^(EISDIR|ENOTEMPTY|EEXIST)$/ })
  t.same(await readdir(join(root, 'etc')), ['taken'])
})

t.test('to remove a file removes its drafts, and nothing else', async (t) => {
  const id = '0b5f7f0e-7a7e-4f3e-9d57-0f5f5a1c2d3e'
  const root = t.testdir({ run: { key: '', 'key.new': '', [`key.${id}.new`]: '', 'key.pem.new': '', 'keys.new': '' } })
  await filesUnder(root).remove('/run/key')
  t.same(await readdir(join(root, 'run')), ['key.pem.new', 'keys.new'])
})

t.test('stat describes the file itself, and not the target of a link', async (t) => {
  const root = t.testdir({ file: 'text', folder: {} })
  await symlink(join(root, 'file'), join(root, 'link'))
  const files = filesUnder(root)
  const { ino } = await stat(join(root, 'file'))
  t.match(await files.stat('/file'), { kind: 'file', size: 4, inode: ino })
  t.match(await files.stat('/link'), { kind: 'link' })
  t.match(await files.stat('/folder'), { kind: 'other' })
  t.equal(await files.stat('/none'), undefined)
})

t.test('a kernel file is written in place, and never made', async (t) => {
  const files = filesUnder(t.testdir({ proc: { ip_forward: '0\n' } }))
  await files.set('/proc/ip_forward', '1\n')
  t.equal(await files.read('/proc/ip_forward'), '1\n')
  await t.rejects(files.set('/proc/none', '1\n'), { code: 'ENOENT' })
})

t.test('of several that create a file only one succeeds, and nobody reads half a file', async (t) => {
  const root = t.testdir({})
  const files = filesUnder(root)
  const created = await Promise.all(['first', 'second', 'third'].map((text) => files.create('/var/key', text, 0o600)))
  t.equal(created.filter(Boolean).length, 1)
  const text = await files.read('/var/key')
  t.equal(text, ['first', 'second', 'third'][created.indexOf(true)])
  t.equal(await files.create('/var/key', 'late', 0o600), false)
  t.equal(await files.read('/var/key'), text)
  t.same(await readdir(join(root, 'var')), ['key'], 'no draft is left')
})
