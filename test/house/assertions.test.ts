import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Assertion, anyErrors, assertionsOf, emptyPatterns } from './assertions.ts'

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

t.test('no test asserts what holds for anything', async (t) => {
  const files = globSync(['packages/*/test/**/*.ts', 'packages/testing/src/**/*.ts', '{test,demo}/**/*.ts'], {
    cwd: root
  })
  t.ok(files.length > 500, 'the tests were searched')
  const vacuous: string[] = []
  for (const file of files) {
    const assertions = assertionsOf(readFileSync(join(root, file), 'utf8'))
    const placeOf = ({ name, line }: Assertion) => `${file}:${line} t.${name}`
    vacuous.push(...[...emptyPatterns(assertions), ...anyErrors(assertions)].map(placeOf))
  }
  t.same(vacuous, [])
})
