import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { judgePin, type KeptPin } from '../../src/kubernetes/pin/judge-pin.ts'
import { mostBytes, mostPins, mostWays, type Pins, pinsIn } from '../../src/kubernetes/pin/pins.ts'

const [one, other] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
const now = new Date('2026-11-25T12:00:00Z')

const openPins = (t: Test): { pins: Pins; path: string; pinOf(cluster: string): Promise<string | undefined> } => {
  const path = join(t.testdir({}), 'state', 'joinery', 'pins.json')
  const pins = pinsIn(filesUnder('/'), path)
  return { pins, path, pinOf: async (cluster) => (await pins.read(cluster, [])).kept?.pin }
}

t.test('a pin is judged by the one that was kept, and by the one that is typed', async (t) => {
  const rows: [kept: KeptPin | undefined, elsewhere: boolean, typed: string | undefined, verdict: string][] = [
    [undefined, false, undefined, 'first'],
    [{ pin: one }, false, undefined, 'same'],
    [{ pin: other }, false, undefined, 'changed'],
    [{ pin: other, proven: one }, false, undefined, 'followed'],
    [{ pin: other, proven: other }, false, undefined, 'changed'],
    [undefined, true, undefined, 'elsewhere'],
    [{ pin: one }, true, undefined, 'elsewhere'],
    [{ pin: other, proven: one }, true, undefined, 'elsewhere'],
    [{ pin: other }, false, one, 'accepted'],
    [{ pin: one }, true, one, 'accepted'],
    [undefined, true, one, 'accepted'],
    [{ pin: one }, false, one, 'same'],
    [undefined, false, one, 'first'],
    [{ pin: other }, false, other, 'another'],
    [undefined, true, other, 'another'],
    [{ pin: one }, false, other, 'another']
  ]
  for (const [kept, elsewhere, typed, verdict] of rows) {
    t.equal(judgePin(one, { kept, elsewhere }, typed), verdict, `${kept?.pin} ${elsewhere} ${typed}`)
  }
})

t.test('a pin is kept for each cluster, in a file that only its owner reads', async (t) => {
  const { pins, path, pinOf } = openPins(t)
  t.equal(await pinOf('a'), undefined)
  await pins.keep('a', { pin: one, named: true, issued: '2026-11-25T11:00:00Z' }, now)
  await pins.keep('b', { pin: other, proven: one }, now)
  t.same((await pins.read('a', [])).kept, {
    pin: one,
    named: true,
    issued: '2026-11-25T11:00:00Z',
    ways: [],
    since: now.toISOString()
  })
  t.match((await pins.read('b', [])).kept, { pin: other, proven: one, named: undefined })
  await pins.keep('a', { pin: other }, now)
  t.match((await pins.read('a', [])).kept, { pin: other, named: undefined, issued: undefined })
  t.equal(statSync(path).mode & 0o777, 0o600)
  for (const name of ['c', '__proto__', 'constructor']) t.equal(await pinOf(name), undefined, name)
})

t.test('a way that belonged to another cluster is known as such, until the cluster is kept with it', async (t) => {
  const { pins } = openPins(t)
  await pins.keep('a', { pin: one, ways: ['context', 'authority'] }, now)
  const isElsewhere = async (cluster: string, ...ways: string[]) => (await pins.read(cluster, ways)).elsewhere
  t.equal(await isElsewhere('a', 'context', 'authority'), false)
  t.equal(await isElsewhere('a', 'new'), false, 'a new way to a cluster')
  t.equal(await isElsewhere('b', 'new'), false, 'a new cluster')
  t.equal(await isElsewhere('b', 'context', 'new'), true)
  t.equal(await isElsewhere('b', 'new', 'authority'), true)
  await pins.keep('b', { pin: other, ways: ['new'] }, now)
  t.equal(await isElsewhere('b', 'authority'), true, 'also of a cluster that is kept')
  await pins.keep('b', { pin: other, ways: ['new', 'authority'] }, now)
  t.equal(await isElsewhere('b', 'authority'), false)
  t.equal(await isElsewhere('a', 'authority'), false, 'one CA may have two clusters')
})

t.test('a file that is broken, or no file, is an error to read, and nothing is written over it', async (t) => {
  for (const text of [
    '',
    '{',
    'null',
    '{"version":2,"pins":{}}',
    '{"version":1,"pins":{"a":{"pin":"x","since":""}}}',
    'x'.repeat(mostBytes + 1)
  ]) {
    const { pins, path } = openPins(t)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
    await t.rejects(pins.read('a', []), text.slice(0, 40))
    await t.rejects(pins.keep('a', { pin: one }, now), text.slice(0, 40))
    t.equal(readFileSync(path, 'utf8'), text, text.slice(0, 40))
  }
  const { pins, path } = openPins(t)
  mkdirSync(join(path, '..'), { recursive: true })
  const elsewhere = join(path, '..', 'elsewhere')
  writeFileSync(elsewhere, 'mine')
  symlinkSync(elsewhere, path)
  await t.rejects(pins.read('a', []), /is not the file of pins/)
  await t.rejects(pins.keep('a', { pin: one }, now), /is not the file of pins/)
  t.equal(readFileSync(elsewhere, 'utf8'), 'mine', 'a link is not written through')
})

t.test('the file is bounded: the clusters that were seen longest ago go, and the oldest ways', async (t) => {
  const { pins, path, pinOf } = openPins(t)
  const ways = Array.from({ length: mostWays + 1 }, (_, number) => `${number}`.padStart(32, '0'))
  const full = { pin: one, proven: other, named: true, issued: '2026-11-25T11:00:00Z', ways: ways.slice(1) }
  const all = Array.from({ length: mostPins }, (_, number) => [
    `${number}`.padStart(36, 'c'),
    { ...full, since: new Date(now.getTime() + number).toISOString() }
  ])
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, JSON.stringify({ version: 1, pins: Object.fromEntries(all) }))
  const [oldest = '', next = ''] = all.map(([name]) => `${name}`)
  await pins.keep('new', { pin: other, ways }, now)
  t.same([await pinOf('new'), await pinOf(oldest), await pinOf(next)], [other, undefined, one])
  t.same((await pins.read('new', [])).kept?.ways, ways.slice(1))
  t.ok(statSync(path).size < mostBytes)
})

t.test('two commands at once leave a whole file, and no pin that was kept is lost', async (t) => {
  const { pins, pinOf } = openPins(t)
  await pins.keep('kept', { pin: one }, now)
  await Promise.all(Array.from({ length: 20 }, (_, number) => pins.keep(`c${number % 2}`, { pin: other }, now)))
  t.equal(await pinOf('kept'), one)
  t.ok((await pinOf('c0')) === other || (await pinOf('c1')) === other)
})

t.test('a home that cannot be written is an error to keep', async (t) => {
  // root writes everywhere, but not below a file
  const folder = t.testdir({ file: 'no folder' })
  const pins = pinsIn(filesUnder('/'), join(folder, 'file', 'joinery', 'pins.json'))
  t.equal((await pins.read('a', [])).kept, undefined)
  await t.rejects(pins.keep('a', { pin: one }, now), { code: 'ENOTDIR' })
})

t.test(
  'a file of earlier commands is read: its next pin is proven by nobody, and its pins are named by nobody',
  async (t) => {
    const { pins, path } = openPins(t)
    mkdirSync(join(path, '..'), { recursive: true })
    const entry = { pin: one, next: other, since: now.toISOString() }
    writeFileSync(path, JSON.stringify({ version: 1, pins: { a: entry } }))
    const known = await pins.read('a', ['way'])
    t.match(known, { kept: { pin: one, proven: undefined, named: undefined }, elsewhere: false })
    t.equal(judgePin(other, known, undefined), 'changed')
  }
)
