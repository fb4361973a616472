import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Files, filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { keptPins, onePin } from '../../src/pairing/pins.ts'

const [a, b, c] = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string]
const state = '/var/lib/joinery-agent'

const machine = (t: Test, configured: { pin: string; nextPin?: string } = { pin: a }) => {
  const root = t.testdir({ var: { lib: { 'joinery-agent': {} } } })
  const path = join(root, state, 'pins.json')
  const open = (files: Pick<Files, 'read' | 'write'> = filesUnder(root), by = configured) => keptPins(files, state, by)
  return { root, path, open }
}

t.test('an agent trusts the configured pin alone, until the server announces another one', async (t) => {
  const { open, path } = machine(t)
  const pins = open()
  t.same(await pins.trusted(), [a])
  await pins.met(a)
  t.throws(() => statSync(path), 'and nothing is written')
  await pins.announced(b)
  t.same(await pins.trusted(), [a, b])
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(await open().trusted(), [a, b], 'also after a reboot')
})

t.test(
  'after the server has the next key, the old one is trusted no more, and the next announcement counts',
  async (t) => {
    const { open } = machine(t)
    const pins = open()
    await pins.announced(b)
    await pins.met(a)
    t.same(await pins.trusted(), [a, b])
    await pins.met(b)
    t.same(await pins.trusted(), [b])
    t.same(await open().trusted(), [b], 'also after a reboot')
    await pins.announced(c)
    t.same(await open().trusted(), [b, c])
  }
)

t.test('user-data with both pins needs no announcement', async (t) => {
  const { open } = machine(t, { pin: a, nextPin: b })
  const pins = open()
  t.same(await pins.trusted(), [a, b])
  await pins.met(b)
  t.same(await open().trusted(), [b])
})

t.test('the file belongs to the configured pin: another configuration begins anew', async (t) => {
  const { open } = machine(t)
  await open().announced(b)
  t.same(await open(undefined, { pin: c }).trusted(), [c])
  t.same(await open().trusted(), [a, b])
})

t.test('a file that is damaged or changed by hand counts for nothing', async (t) => {
  const { open, path } = machine(t)
  for (const text of ['', '{', 'null', '[]', '7', `{"of":"${a}","pin":"x"}`, `{"of":"${a}"}`, `{"pin":"${b}"}`]) {
    writeFileSync(path, text)
    t.same(await open().trusted(), [a], text)
  }
  writeFileSync(path, JSON.stringify({ of: a, pin: b, next: 'sha256:x' }))
  t.same(await open().trusted(), [b], 'a next pin that is none is left out')
})

t.test('a crash before the write leaves the old pins, and one that fails is not counted as kept', async (t) => {
  const { open, root } = machine(t)
  let full = true
  const files = filesUnder(root)
  const pins = open({
    read: files.read,
    write: async (...given) => {
      if (full) throw new Error('ENOSPC')
      await files.write(...given)
    }
  })
  await t.rejects(pins.announced(b), { message: 'ENOSPC' })
  t.same(await pins.trusted(), [a], 'what is not on the disk is not said to be known')
  full = false
  await pins.announced(b)
  t.same(await open().trusted(), [a, b])
  full = true
  await t.rejects(pins.met(b), { message: 'ENOSPC' })
  t.same(await open().trusted(), [a, b], 'and both are trusted still')
})

t.test('a server that announces another pin with each answer costs a bounded number of writes', async (t) => {
  const { open, path } = machine(t)
  const pins = open()
  for (let number = 0; number < 100; number += 1) {
    await pins.announced(`sha256:${number.toString(16).padStart(64, '0')}`)
  }
  const [first, next] = await pins.trusted()
  t.equal(first, a)
  t.match(next, /0f$/)
  t.ok(readFileSync(path, 'utf8').length < 300)
})

t.test('two answers at the same time leave a whole file', async (t) => {
  const { open } = machine(t)
  const pins = open()
  await Promise.all([pins.announced(b), pins.announced(b), pins.met(a)])
  t.same(await open().trusted(), [a, b])
})

t.test('one pin never changes', async (t) => {
  const pins = onePin(a)
  await pins.announced(b)
  await pins.met(b)
  t.same(await pins.trusted(), [a])
})
