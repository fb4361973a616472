import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { RecoveryFile } from '../../src/journal/recovery-record.ts'

const folder = '/var/lib/joinery-agent'
const value = (digit: string) => digit.repeat(64)
let made = 0
const newValue = () => {
  made += 1
  return made.toString(16).padStart(64, '0')
}

const machine = (t: Test, id = 'this machine') => {
  const root = t.testdir({ etc: { 'machine-id': `${id}\n` }, var: { lib: { 'joinery-agent': {} } } })
  const files = filesUnder(root)
  return { root, files, record: new RecoveryFile(files, folder) }
}

t.test('the value that follows is made once, kept, and becomes the present one', async (t) => {
  const { root, record } = machine(t)
  t.same(await record.read(), {})
  const next = await record.next(newValue)
  t.same(await record.read(), { next })
  t.equal(await record.next(newValue), next, 'the same one again')
  for (const name of ['recovery-next.json']) {
    t.equal((await stat(join(root, folder, name))).mode & 0o777, 0o600, 'only root can read it')
  }
  await record.markAsked({ next })
  t.same(await record.read(), { next, asked: true })
  await record.settle(next)
  t.same(await record.read(), { current: next })
  t.not(await record.next(newValue), next)
})

t.test('two processes at once have one value', async (t) => {
  const { files, record } = machine(t)
  const other = new RecoveryFile(files, folder)
  const [one, two] = await Promise.all([record.next(newValue), other.next(newValue)])
  t.equal(one, two)
})

t.test('a power cut while a value is settled leaves the old state or the new one', async (t) => {
  const { files, record } = machine(t)
  const next = await record.next(newValue)
  await record.markAsked({ next })
  const left = (await files.read(join(folder, 'recovery-next.json'))) ?? ''
  await record.settle(next)
  // before the value that is settled is removed as the one that follows
  await files.write(join(folder, 'recovery-next.json'), left, 0o600)
  t.same(await record.read(), { current: next })
  const after = await record.next(newValue)
  t.not(after, next, 'a value is used once')
  t.same(await record.read(), { current: next, next: after })
})

t.test('a value that another process made meanwhile is not marked as asked', async (t) => {
  const { record } = machine(t)
  const next = await record.next(newValue)
  await record.markAsked({ next: value('a') })
  t.same(await record.read(), { next })
})

t.test('the credential that was put on the disk is remembered until the way back is settled', async (t) => {
  const { files, record } = machine(t)
  const placed = { attempt: 2, bootId: 'this boot' }
  const next = await record.next(newValue)
  await record.markAsked({ next })
  await record.markPlaced(await record.read(), placed)
  t.same(await record.read(), { next, asked: true, placed })
  await files.write('/etc/machine-id', 'another machine\n', 0o444)
  t.same(await record.read(), {}, 'the disk was copied')
  t.same(await record.placedAnywhere(), placed, 'its credential was, too')
  await files.write('/etc/machine-id', 'this machine\n', 0o444)
  await record.settle(next)
  t.same([await record.read(), await record.placedAnywhere()], [{ current: next }, undefined])
  for (const text of ['', '{', 'null', '{"placed":{"attempt":"2"}}']) {
    await files.write(join(folder, 'recovery.json'), text, 0o600)
    t.equal(await record.placedAnywhere(), undefined, text)
  }
})

t.test('the record of another machine, or a damaged one, is none', async (t) => {
  const { files, record } = machine(t)
  await record.settle(value('a'))
  await files.write('/etc/machine-id', 'another machine\n', 0o444)
  t.same(await record.read(), {}, 'the disk was copied')
  await files.write('/etc/machine-id', 'this machine\n', 0o444)
  t.same(await record.read(), { current: value('a') })
  for (const text of ['', '{', '{"machineId":"this machine","productUuid":"","current":"short"}']) {
    await files.write(join(folder, 'recovery.json'), text, 0o600)
    await files.write(join(folder, 'recovery-next.json'), text, 0o600)
    t.same(await record.read(), {}, text)
  }
  t.match(await record.next(newValue), /^[0-9a-f]{64}$/)
})
