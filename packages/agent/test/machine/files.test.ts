import { readdir, readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { filesUnder } from '../../src/machine/files.ts'

t.test('what is not there is no error', async (t) => {
  const files = filesUnder(t.testdir({ file: 'text' }))
  t.equal(await files.read('/etc/none'), undefined)
  t.equal(await files.read('/file/none'), undefined)
  t.equal(await files.exists('/none'), false)
  t.same(await files.list('/none'), [])
  await t.resolves(files.remove('/none'))
})

t.test('what is there and cannot be read is an error', (t) =>
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

t.test('a link in place of the file is replaced and not followed', async (t) => {
  const root = t.testdir({ run: {}, victim: 'untouched' })
  await symlink(join(root, 'victim'), join(root, 'run/join.yaml'))
  await symlink(join(root, 'victim'), join(root, 'run/join.yaml.new'))
  await filesUnder(root).write('/run/join.yaml', 'secret', 0o600)
  t.equal(await readFile(join(root, 'victim'), 'utf8'), 'untouched')
  t.equal(await readFile(join(root, 'run/join.yaml'), 'utf8'), 'secret')
})

t.test('a kernel file is written in place, and never made', async (t) => {
  const files = filesUnder(t.testdir({ proc: { ip_forward: '0\n' } }))
  await files.set('/proc/ip_forward', '1\n')
  t.equal(await files.read('/proc/ip_forward'), '1\n')
  await t.rejects(files.set('/proc/none', '1\n'), { code: 'ENOENT' })
})

t.test('of several that create a file one does, and nobody reads half of it', async (t) => {
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
