import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { judgePin } from '../../src/kubernetes/pin/judge-pin.ts'
import { mostBytes, mostPins, type Pins, pinsIn } from '../../src/kubernetes/pin/pins.ts'

const [one, other] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
const now = new Date('2026-11-25T12:00:00Z')

const openPins = (t: Test): { pins: Pins; path: string } => {
  const path = join(t.testdir({}), 'state', 'joinery', 'pins.json')
  return { pins: pinsIn(filesUnder('/'), path), path }
}

t.test('a pin is judged by the one that was kept, and by the one that is accepted', async (t) => {
  const rows: [kept: string | undefined, accepted: string | undefined, verdict: string][] = [
    [undefined, undefined, 'first'],
    [one, undefined, 'same'],
    [other, undefined, 'changed'],
    [other, one, 'accepted'],
    [one, one, 'same'],
    [undefined, one, 'first'],
    [other, other, 'another'],
    [undefined, other, 'another'],
    [one, other, 'another']
  ]
  for (const [kept, accepted, verdict] of rows) {
    t.equal(judgePin(one, kept === undefined ? undefined : { pin: kept }, accepted), verdict, `${kept} ${accepted}`)
  }
})

t.test('a pin is kept for each cluster, in a file that only its owner reads', async (t) => {
  const { pins, path } = openPins(t)
  t.equal((await pins.read('a'))?.pin, undefined)
  await pins.keep('a', one, now)
  await pins.keep('b', other, now)
  t.same(
    [(await pins.read('a'))?.pin, (await pins.read('b'))?.pin, (await pins.read('c'))?.pin],
    [one, other, undefined]
  )
  await pins.keep('a', other, now)
  t.equal((await pins.read('a'))?.pin, other)
  t.equal(statSync(path).mode & 0o777, 0o600)
  for (const name of ['__proto__', 'constructor']) t.equal((await pins.read(name))?.pin, undefined, name)
})

t.test('a file that is broken, or no file, is an error to read, and the next pin begins it again', async (t) => {
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
    await t.rejects(pins.read('a'), text.slice(0, 40))
    await pins.keep('a', one, now)
    t.equal((await pins.read('a'))?.pin, one, text.slice(0, 40))
  }
  const { pins, path } = openPins(t)
  mkdirSync(join(path, '..'), { recursive: true })
  const elsewhere = join(path, '..', 'elsewhere')
  writeFileSync(elsewhere, 'mine')
  symlinkSync(elsewhere, path)
  await t.rejects(pins.read('a'))
  await pins.keep('a', one, now)
  t.equal(readFileSync(elsewhere, 'utf8'), 'mine', 'a link is not written through')
})

t.test('the file is bounded: the clusters that were seen longest ago go', async (t) => {
  const { pins, path } = openPins(t)
  const all = Array.from({ length: mostPins }, (_, number) => [
    `c${number}`,
    { pin: one, since: new Date(now.getTime() + number).toISOString() }
  ])
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, JSON.stringify({ version: 1, pins: Object.fromEntries(all) }))
  await pins.keep('new', other, now)
  t.same(
    [(await pins.read('new'))?.pin, (await pins.read('c0'))?.pin, (await pins.read('c1'))?.pin],
    [other, undefined, one]
  )
  t.ok(statSync(path).size < mostBytes)
})

t.test('two commands at once leave a whole file, and no pin that was kept is lost', async (t) => {
  const { pins } = openPins(t)
  await pins.keep('kept', one, now)
  await Promise.all(Array.from({ length: 20 }, (_, number) => pins.keep(`c${number % 2}`, other, now)))
  t.equal((await pins.read('kept'))?.pin, one)
  t.ok((await pins.read('c0'))?.pin === other || (await pins.read('c1'))?.pin === other)
})

t.test('a home that cannot be written is an error to keep', async (t) => {
  // root writes everywhere, but not below a file
  const folder = t.testdir({ file: 'no folder' })
  const pins = pinsIn(filesUnder('/'), join(folder, 'file', 'joinery', 'pins.json'))
  t.equal((await pins.read('a'))?.pin, undefined)
  await t.rejects(pins.keep('a', one, now))
})

t.test('a pin that its server announced is followed, and no other one is', (t) => {
  const third = `sha256:${'c'.repeat(64)}`
  t.equal(judgePin(other, { pin: one, next: other }, undefined), 'followed')
  t.equal(judgePin(one, { pin: one, next: other }, undefined), 'same', 'before it comes')
  t.equal(judgePin(third, { pin: one, next: other }, undefined), 'changed')
  t.equal(judgePin(other, { pin: one, next: other }, third), 'another')
  t.end()
})

t.test('an announced pin is kept beside the present one, until the server has it', async (t) => {
  const { pins } = openPins(t)
  await pins.keep('a', one, now, other)
  t.match(await pins.read('a'), { pin: one, next: other })
  await pins.keep('b', one, now)
  t.match(await pins.read('a'), { pin: one, next: other }, 'another cluster changes nothing')
  await pins.keep('a', other, now)
  t.match(await pins.read('a'), { pin: other, next: undefined })
})
