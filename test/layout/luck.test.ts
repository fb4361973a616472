import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, inTime } from '@joinery/testing/clocks/eventually'
import t from 'tap'
import { type Luck, luckIn } from './luck.ts'

/** Files of tests and their helpers that may do so, or folders of them, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'packages/testing/src/clocks/': 'the one wait, the one short sleep, and the clocks of tests',
  'packages/kube/test/bounded-config.test.ts': 'it compares our time-out of a call with that of the library',
  'packages/policy/test/cel/engine.test.ts': 'an expression has at least its time: a busy host gives it more',
  'test/ci/play.ts': 'it says how long a step of CI took',
  'test/faults/': 'real processes: a seed says at which moment of the host each is killed',
  'test/mutants/run-test.ts': 'it kills a test that hangs, and says so'
}

const root = join(import.meta.dirname, '../..')
// the suites of the real cluster, and the figures, are about real time
const files = globSync(['packages/*/test/**/*.ts', 'packages/testing/src/**/*.ts', 'test/**/*.ts'], {
  cwd: root,
  exclude: ['test/cluster/**', 'test/bench/**']
})

t.test('no test trusts to luck, but for those that have a reason', async (t) => {
  t.ok(files.length > 1000, 'the tests were read')
  const used = new Set<string>()
  const found = files.flatMap((file) => {
    const places = luckIn(readFileSync(join(root, file), 'utf8'))
    const exception = Object.keys(exceptions).find((one) => (one.endsWith('/') ? file.startsWith(one) : file === one))
    if (exception === undefined) return places.map(({ kind, line }) => `${kind}: ${file}:${line}`)
    if (places.length > 0) used.add(exception)
    return []
  })
  t.same(found, [], 'wait with eventually, or play the time with a clock (test/README.md)')
  t.same([...used].sort(), Object.keys(exceptions).sort(), 'each exception is one')
})

const sleep = "import { setTimeout } from 'node:timers/promises'\n"
const rows: [what: string, source: string, kinds: Luck['kind'][]][] = [
  ['a sleep', `${sleep}await setTimeout(300)`, ['sleep']],
  ['a sleep by another name', "import { setTimeout as delay } from 'timers/promises'\nawait delay(300)", ['sleep']],
  ['a promise of a timer', 'await new Promise((resolve) => setTimeout(resolve, 5))', ['sleep']],
  ['a timer that is passed on', 'wait(setTimeout, 5)', ['sleep']],
  ['a signal that aborts in time', 'ask(AbortSignal.timeout(5000))', ['sleep']],
  ['a short sleep in place', 'await shortSleep(500)(500)', ['sleep']],
  ['a pause that is given to a program', 'run({ pause: shortSleep(5) })', []],
  ['the limit of a test', 't.setTimeout(60_000)', []],
  [
    'a clock that a test plays',
    "mock.timers.enable({ apis: ['setTimeout'] })\nconst timers = { setTimeout: () => 1 }",
    []
  ],
  ['what only looks like a timer', "const a = 'setTimeout(1)' // setTimeout(1)", []],
  ['a race with a timer', `${sleep}Promise.race([ended, setTimeout(500, 'not yet')])`, ['race']],
  ['a race of events', 'Promise.race([ended, cut])', []],
  ['a loop of turns', 'while (seen === 0) await new Promise((resolve) => setImmediate(resolve))', ['loop']],
  ['a loop of sleeps', `${sleep}while (!x) {\n  await setTimeout(5)\n}`, ['loop', 'sleep']],
  ['a loop that looks', 'while (!(await isThere()));', ['loop']],
  ['a loop of looks', "while ((await show()).state === 'pending') await look()", ['loop']],
  ['a loop over events', "while (!came.includes('a')) await once(socket, 'data')", ['loop']],
  ['a loop without an end', `${sleep}for (;;) {\n  if (await x()) break\n  await setTimeout(5)\n}`, ['loop', 'sleep']],
  ['a loop after the act', 'do await look()\nwhile (!x)', ['loop']],
  ['a loop that makes things', 'while (all.length < 5) all.push(await make())', []],
  ['a loop to the end of a list', 'do {\n  next = await page(next)\n} while (next !== undefined)', []],
  ['a loop until nothing is left', 'while (await readOn());', []],
  ['one promise, again if there is another one', 'while (paused) await this.#paused.promise\nif (dead) end()', []],
  ['a loop with a bound', 'for (let turn = 0; turn < 5; turn += 1) await setImmediate()', []],
  ['turns that are counted', 'for (; goes; turns += 1) await setImmediate()', []],
  ['a span', 'const began = performance.now()\nt.ok(performance.now() - began < 500)', ['bound', 'bound']],
  ['a span by another clock', 't.ok(process.hrtime.bigint() - began < 5n)', ['bound']],
  ['a span by the wall clock', 't.ok(Date.now() - began < 500)', ['bound']],
  ['a span to the wall clock', 'const left = Date.parse(expires) - Date.now()', ['bound']],
  ['the time-out of a test', "t.test('it ends', { timeout: 20_000 }, async (t) => {})", ['bound']],
  ['a time-out that a program is given', "t.test('it ends', async () => ask({ timeout: 5 }))", []],
  ['a clock that is passed on', 'open({ monotonic: () => performance.now() })', []],
  ['a date', 'const before = new Date(Date.now() - day)\nt.ok(since >= before && since <= Date.now())', []],
  ['a wait of its own', 'const until = async (holds) => {}', ['until']],
  ['a function that waits', 'function eventually() {}', ['until']],
  ['the end of something', 'const until = after(lifetime)', []]
]

t.test('the places where a test trusts to luck are found', async (t) => {
  for (const [what, source, kinds] of rows) {
    t.same(
      luckIn(source).map(({ kind }) => kind),
      kinds,
      what
    )
  }
  t.same(luckIn('\nawait new Promise((resolve) => setTimeout(resolve, 5))'), [{ kind: 'sleep', line: 2 }])
})

t.test('the one wait counts what it waited, and nothing that the host or its own work took', async (t) => {
  const { now } = performance
  let [looks, ahead] = [0, 0]
  t.intercept(performance, 'now', { value: () => now.call(performance) + ahead })
  const seen = await eventually('the third look', async () => {
    // as if each look took an hour
    ahead += 3_600_000
    looks += 1
    return looks === 3 && looks
  })
  t.equal(seen, 3)
  await t.rejects(
    eventually('nothing', () => false, { patience: 20 }),
    { message: 'not within 0.02 s of waiting: nothing' }
  )
  t.equal(await inTime('an answer', Promise.resolve('answer')), 'answer')
  await t.rejects(inTime('an answer', Promise.reject(new Error('refused'))), { message: 'refused' })
  await t.rejects(inTime('an answer', new Promise(() => {}), { patience: 20 }), { message: /an answer$/ })
})
