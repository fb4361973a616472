import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Assertion, anyErrors, assertionsOf, emptyPatterns, wholeLooks } from './assertions.ts'

const root = join(import.meta.dirname, '../..')

t.test('the calls of t are found, with their arguments', async (t) => {
  const rows: [source: string, calls: string[]][] = [
    ['t.same(a, b)', ['same: a | b']],
    ['t.same(await a(b, c), [d, e], `${f(g, h)}`)', ['same: await a ( b , c ) | [ d , e ] | `${ f ( g , h ) }`']],
    ["t.test('a', async (t) => {\n  t.ok(a)\n})", ["test: 'a' | async ( t ) => { t . ok ( a ) }", 'ok: a']],
    ['a.t.same(b, c); at.same(b, c)', []],
    ["const a = 't.same(b, c)' // t.same(b, c)", []]
  ]
  const said = (source: string): string[] =>
    assertionsOf(source).map(
      ({ name, args }) => `${name}: ${args.map((arg) => arg.map(({ text }) => text).join(' ')).join(' | ')}`
    )
  for (const [source, calls] of rows) t.same(said(source), calls, source)
})

t.test('a pattern that holds for anything is found', async (t) => {
  const emptyIn = (source: string) => emptyPatterns(assertionsOf(source))
  const found = ['[]', '{}', '{ a: [] }', '[{ a: 1 }, {}]', '{ ...a, b: { c: {} } }', 'a ? [] : b', '(({}))']
  for (const pattern of found) t.equal(emptyIn(`t.match(a, ${pattern})`).length, 1, pattern)
  for (const name of ['has', 'rejects', 'throws']) t.equal(emptyIn(`t.${name}(a, { b: [] })`).length, 1, name)
  const fine = ['{ a: { length: 0 } }', '[Object, b]', '{ a: b({}, []) }', 'a as string[]', 'b[0]', "{ a: '[]' }"]
  for (const pattern of fine) t.same(emptyIn(`t.match(a, ${pattern}, [])`), [], pattern)
  // these look at all of it, or hold for less
  for (const name of ['same', 'notMatch']) t.same(emptyIn(`t.${name}(a, { b: [] })`), [], name)
})

t.test('a refusal for any reason is found', async (t) => {
  const anyIn = (source: string) => anyErrors(assertionsOf(source))
  const found = ['t.rejects(a())', "t.throws(() => a(), 'it is refused')", 't.rejects(a(b, c), `${d}`)']
  for (const source of found) t.equal(anyIn(source).length, 1, source)
  const fine = ['t.rejects(a(), /b/)', "t.throws(() => a(), { code: 'b' }, 'it is refused')", 't.throws(a, TypeError)']
  for (const source of fine) t.same(anyIn(source), [], source)
})

t.test('a look at a whole status or store is found', async (t) => {
  const wholeIn = (source: string) => wholeLooks(source, assertionsOf(source))
  const found = [
    't.same(await pairing.operator.status(), a)',
    'const status = await operator.status()\nt.same(status, a)',
    'const {\n  started,\n  ...others\n} = await client.status()\nt.strictSame(others, a)',
    't.same(dump(file), before)',
    't.same(world.objects.snapshot(), early)'
  ]
  for (const source of found) t.equal(wholeIn(source).length, 1, source)
  const fine = [
    't.same((await operator.status()).alerts, a)',
    'const { alerts } = await operator.status()\nt.same(alerts, a)',
    't.match(await operator.status(), a)',
    't.same(objects.snapshot().documents.size, 0)'
  ]
  for (const source of fine) t.same(wholeIn(source), [], source)
})

/** Where a test may compare all that a store has, with the reason why nobody else writes there. */
const wholeStores: Readonly<Record<string, string>> = {
  'packages/server/test/features/high-availability/log/': 'objects in memory, by a clock that the test runs',
  'packages/server/test/program/moving/': 'the same objects, and no server',
  'packages/server/test/adapters/sqlite/mirror/': 'a file that only the test writes',
  'test/compat/earlier-servers.compat.ts': 'objects in memory, by a clock that the test runs',
  'test/journeys/approval/dry-run.test.ts':
    'rows of the tables that verbs write, and those that come by themselves left out'
}

t.test('no test asserts what holds for anything, or compares a whole where others write', async (t) => {
  const files = globSync(['packages/*/test/**/*.ts', 'packages/testing/src/**/*.ts', '{test,demo}/**/*.ts'], {
    cwd: root
  })
  t.ok(files.length > 500, 'the tests were searched')
  const [vacuous, whole]: [string[], string[]] = [[], []]
  for (const file of files) {
    const source = readFileSync(join(root, file), 'utf8')
    const assertions = assertionsOf(source)
    const placeOf = ({ name, line }: Assertion) => `${file}:${line} t.${name}`
    vacuous.push(...[...emptyPatterns(assertions), ...anyErrors(assertions)].map(placeOf))
    whole.push(...wholeLooks(source, assertions).map(placeOf))
  }
  t.same(vacuous, [])
  const isException = (place: string) => Object.keys(wholeStores).some((one) => place.startsWith(one))
  t.same(
    whole.filter((place) => !isException(place)),
    []
  )
  const unused = Object.keys(wholeStores).filter((one) => !whole.some((place) => place.startsWith(one)))
  t.same(unused, [], 'an exception that nobody needs any more goes')
})
