import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Files, filesUnder } from '@joinery/host/files'
import { nextPinBy } from '@joinery/testing/front/statements'
import { serverHost } from '@joinery/testing/pairing/server-host'
import t, { type Test } from 'tap'
import type { SignedNext } from '../../src/pairing/known-pins.ts'
import { keptPins, onePin } from '../../src/pairing/pins.ts'

const c = `sha256:${'c'.repeat(64)}`
const state = '/var/lib/joinery-agent'
const here = 'https://192.0.2.7:7443'

/** A machine that knows the CA `a`, and the CAs `a` and `b`, which can name others. */
const machine = async (t: Test) => {
  const [one, other] = [await serverHost(t), await serverHost(t)]
  const [a, b] = [one.pin, other.pin]
  const naming = async (pin: string, by = one): Promise<SignedNext> => ({
    pin,
    text: await nextPinBy(`${by.folder}/server`, pin)
  })
  const root = t.testdir({ var: { lib: { 'joinery-agent': {} } } })
  const path = join(root, state, 'pins.json')
  const open = (
    configured: { pin: string; nextPin?: string } = { pin: a },
    files: Pick<Files, 'read' | 'write'> = filesUnder(root)
  ) => {
    const pins = keptPins(files, state, configured, () => true)
    return { ...pins, trusted: () => pins.trusted(here) }
  }
  return { root, path, open, a, b, other, naming }
}

t.test('an agent trusts the configured pin alone, until the server announces another one', async (t) => {
  const { open, path, a, b, naming } = await machine(t)
  const pins = open()
  t.same(await pins.trusted(), [a])
  await pins.met(a)
  await pins.said(a, 'none')
  await pins.said(a, 'nothing')
  t.throws(() => statSync(path), { code: 'ENOENT' }, 'and nothing is written')
  await pins.said(a, await naming(b))
  t.same(await pins.trusted(), [a, b])
  t.equal(await pins.next(), b)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(await open().trusted(), [a, b], 'also after a reboot')
})

t.test('announced, then no longer: the next pin counts no more, also after a reboot', async (t) => {
  for (const word of ['none', 'nothing'] as const) {
    const { open, a, b, naming } = await machine(t)
    const pins = open()
    await pins.said(a, await naming(b))
    await pins.said(a, word)
    t.same(await pins.trusted(), [a])
    t.same(await open().trusted(), [a])
  }
})

t.test(
  'a next pin of the configuration that the server does not name counts no more, also after a reboot',
  async (t) => {
    const { open, a, b } = await machine(t)
    const configured = { pin: a, nextPin: b }
    await open(configured).said(a, 'none')
    t.same(await open(configured).trusted(), [a])
  }
)

t.test(
  'after the server has the next key, the old one is trusted no more, and the next announcement counts',
  async (t) => {
    const { open, a, b, other, naming } = await machine(t)
    const pins = open()
    await pins.said(a, await naming(b))
    await pins.met(a)
    t.same(await pins.trusted(), [a, b])
    await pins.met(b)
    t.same(await pins.trusted(), [b])
    t.same(await open().trusted(), [b], 'also after a reboot')
    await pins.said(a, await naming(c))
    t.same(await pins.trusted(), [b], 'a late answer by the old key says nothing')
    await pins.said(b, await naming(c, other))
    t.same(await open().trusted(), [b, c])
  }
)

t.test('user-data with both pins needs no announcement', async (t) => {
  const { open, a, b } = await machine(t)
  const pins = open({ pin: a, nextPin: b })
  t.same(await pins.trusted(), [a, b])
  await pins.met(b)
  t.same(await open().trusted(), [b])
})

t.test('a next pin counts only at the servers that may have it', async (t) => {
  const { root, a, b } = await machine(t)
  const asked: string[][] = []
  const pins = keptPins(filesUnder(root), state, { pin: a, nextPin: b }, (...given) => asked.push(given) > 1)
  t.same(await pins.trusted(here), [a])
  t.same(await pins.trusted(here), [a, b])
  t.same(asked, [
    [here, a],
    [here, a]
  ])
  t.equal(await pins.next(), b, 'and it is kept in any case')
})

t.test('the file belongs to the configured pin: another configuration begins anew', async (t) => {
  const { open, a, b, naming } = await machine(t)
  await open().said(a, await naming(b))
  t.same(await open({ pin: c }).trusted(), [c])
  t.same(await open().trusted(), [a, b])
})

t.test('a file that is damaged or changed by hand counts for nothing', async (t) => {
  const { open, path, a } = await machine(t)
  for (const text of ['', '{', 'null', '[]', '7', `{"of":"${a}","pin":"x"}`, `{"of":"${a}"}`, `{"pin":"${c}"}`]) {
    writeFileSync(path, text)
    t.same(await open().trusted(), [a], text)
  }
})

t.test(
  'of the file of an earlier agent the present pin counts, and the next one, which nobody signed, does not',
  async (t) => {
    const { open, path, a, b, naming } = await machine(t)
    writeFileSync(path, JSON.stringify({ of: a, pin: b, next: c }))
    t.same(await open().trusted(), [b])
    writeFileSync(path, JSON.stringify({ of: a, pin: a, next: c }))
    t.same(await open({ pin: a, nextPin: b }).trusted(), [a, b], 'that of the configuration does')
    writeFileSync(path, JSON.stringify({ of: a, pin: b, next: (await naming(c)).text }))
    t.same(await open().trusted(), [b], 'nor does one that another CA signed')
  }
)

t.test(
  'what the disk does not take is not kept: a next pin counts only with the write, and a denial without it',
  async (t) => {
    const { open, root, a, b, naming } = await machine(t)
    let full = true
    const files = filesUnder(root)
    const pins = open(undefined, {
      read: files.read,
      write: async (...given) => {
        if (full) throw new Error('ENOSPC')
        await files.write(...given)
      }
    })
    const word = await naming(b)
    await t.rejects(pins.said(a, word), { message: 'ENOSPC' })
    t.same(await pins.trusted(), [a], 'what is not on the disk is not said to be known')
    full = false
    await pins.said(a, word)
    t.same(await open().trusted(), [a, b])
    full = true
    await t.rejects(pins.met(b), { message: 'ENOSPC' })
    t.same(await open().trusted(), [a, b], 'and both are trusted still')
    await t.rejects(pins.said(a, 'none'), { message: 'ENOSPC' })
    t.same(await pins.trusted(), [a])
    full = false
    await pins.said(a, 'none')
    t.same(await open().trusted(), [a], 'the next answer says it again')
  }
)

t.test('a server that announces another pin with each answer costs a bounded number of writes', async (t) => {
  const { open, path, a } = await machine(t)
  const pins = open()
  for (let number = 0; number < 100; number += 1) {
    const pin = `sha256:${number.toString(16).padStart(64, '0')}`
    await pins.said(a, { pin, text: `text ${number}` })
  }
  t.match((await pins.trusted())[1], /0f$/)
  t.match(readFileSync(path, 'utf8'), 'text 15')
  await pins.said(a, 'none')
  t.same(await open().trusted(), [a])
})

t.test('two answers at the same time leave a whole file', async (t) => {
  const { open, a, b, naming } = await machine(t)
  const pins = open()
  const word = await naming(b)
  await Promise.all([pins.said(a, word), pins.said(a, word), pins.met(b)])
  t.same(await open().trusted(), [b])
})

t.test('one pin never changes', async (t) => {
  const pins = onePin(c)
  await pins.said(c, { pin: `sha256:${'d'.repeat(64)}`, text: 'x' })
  await pins.met(`sha256:${'d'.repeat(64)}`)
  t.same(await pins.trusted(here), [c])
  t.equal(await pins.next(), undefined)
})
