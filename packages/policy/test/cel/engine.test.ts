import { noFacts } from '@joinery/protocol'
import t, { type Test } from 'tap'
import { WorkerEngine } from '../../src/cel/engine.ts'
import { limits } from '../../src/words/limits.ts'
import type { Evidence } from '../../src/words/variables.ts'

const evidence = (os: string, macs: string[] = []): Evidence => ({
  machine: { ...noFacts, os, macs, failing: [], warning: [] },
  seen: { address: '192.0.2.1', key: '', nameFree: true, conflicts: 0, unique: true },
  code: { id: 'c', name: '', role: 'worker', from: [], labels: {} },
  role: 'worker',
  name: 'n',
  now: '2026-11-27T12:00:00.000Z'
})

// each test starts a thread, on a machine that may have more to do
t.setTimeout(120_000)

/** Takes far longer than a rule may: each list is looked at for each item of the others. */
const endless = `[${Array.from({ length: 60 }, (_, index) => index).join(',')}]`
const slow = `machine.os == "slow" && ${endless}.all(a, ${endless}.all(b, ${endless}.all(c, ${endless}.all(d, a + b + c + d >= 0))))`

const engineFor = (t: Test, ...times: ConstructorParameters<typeof WorkerEngine>) => {
  const engine = new WorkerEngine(...times)
  t.teardown(() => engine.close())
  return engine
}

t.test('the first expression that holds is the answer, and nothing behind it is evaluated', async (t) => {
  const engine = engineFor(t)
  await engine.compile(['machine.os == "a"', 'machine.os == "b"', slow], {})
  t.same(await engine.first([0, 1, 2], evidence('b')), { number: 1 })
  t.equal(await engine.first([0, 1], evidence('c')), undefined)
  t.equal(await engine.first([], evidence('c')), undefined)
  t.same(await engine.first([1, 0], evidence('b')), { number: 1 })
})

t.test('an expression that takes too long ends its worker, is named, and the next machine is judged', async (t) => {
  const engine = engineFor(t)
  await engine.compile(['machine.os == "a"', slow, 'true'], {})
  const begun = process.hrtime.bigint()
  const outcome = await engine.first([0, 1, 2], evidence('slow'))
  t.match(outcome, { number: 1, failed: `takes longer than ${limits.evaluation} ms` })
  t.ok(Number(process.hrtime.bigint() - begun) / 1e6 >= limits.evaluation, 'it had its time')
  t.same(await engine.first([0, 1, 2], evidence('fast')), { number: 2 }, 'a new worker knows the rules')
})

t.test('machines that are asked about at once are answered in turn', async (t) => {
  const engine = engineFor(t)
  await engine.compile(['machine.os == "a"', slow, 'machine.os == "b"'], {})
  const asked = ['a', 'slow', 'b', 'c'].map((os) => engine.first([0, 1, 2], evidence(os)))
  t.match(await Promise.all(asked), [{ number: 0 }, { number: 1, failed: /longer/ }, { number: 2 }, undefined])
})

t.test('an expression that fills the memory ends its worker, and nothing else', async (t) => {
  const engine = engineFor(t, { evaluation: 60_000, compilation: 5000 })
  const doubled = Array.from({ length: 28 }).reduce<string>((inner) => `[${inner}].map(x, x + x)[0]`, 'machine.os')
  await engine.compile([`size(${doubled}) > 0`, 'true'], {})
  t.match(await engine.first([0, 1], evidence('x'.repeat(500))), { number: 0, failed: /./ })
  t.same(await engine.first([1], evidence('')), { number: 1 })
})

t.test('a pattern that takes other engines hours is answered', async (t) => {
  const engine = engineFor(t)
  await engine.compile(['machine.os.matches("^(a+)+$")', 'machine.os.matches("(a|aa)+b")'], {})
  t.equal(await engine.first([0, 1], evidence(`${'a'.repeat(500)}!`)), undefined)
})

t.test('texts of a machine stay texts, whatever is in them', async (t) => {
  const engine = engineFor(t)
  await engine.compile(['machine.os == "a" || "x" in machine.macs'], {})
  for (const os of ['" || true || "', '\\" || true', '{{true}}', '\u0000', '\ud800', '__proto__', 'a\n']) {
    t.equal(await engine.first([0], evidence(os, [os])), undefined, JSON.stringify(os))
  }
})

t.test('an expression that takes too long to compile is a fault, and not that of the others', async (t) => {
  const long = Array.from({ length: 80 }, (_, index) => `machine.os.matches("^a{${index}}$")`).join(' || ')
  const hasty = engineFor(t, { evaluation: limits.evaluation, compilation: 0 })
  t.match(await hasty.compile([long, 'true'], {}), [
    { fault: 'takes longer than 0 ms', line: 1, column: 1 },
    { uses: { length: 0 } }
  ])
  t.match(await hasty.first([0], evidence('a')), { number: 0, failed: /./ }, 'and nothing holds')
})

t.test('an expression that is nested as deeply as a file can be ends nothing', async (t) => {
  const engine = engineFor(t)
  const deep = limits.expression / 2 - 2
  const [fault] = await engine.compile([`${'['.repeat(deep)}1${']'.repeat(deep)} == []`], {})
  t.match(fault, { fault: /./ })
  t.match(await engine.compile(['true'], {}), [{ uses: { length: 0 } }])
  t.same(await engine.first([0], evidence('')), { number: 0 })
})
