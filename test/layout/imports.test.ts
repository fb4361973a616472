import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { build, version } from 'esbuild'
import t from 'tap'
import { type Import, importsOf } from './imports.ts'

const root = resolve(import.meta.dirname, '../..')

const rows: [string, string, string[]][] = [
  ['a named import', "import { a, type B as C } from './a.ts'", ['static ./a.ts']],
  ['an import of a type that still loads the module', "import { type A } from './a.ts'", ['static ./a.ts']],
  ['a default import and a namespace', 'import a, * as b from "./a.ts"', ['static ./a.ts']],
  ['an import for its effect', "import 'reflect-metadata'", ['static reflect-metadata']],
  ['an import over several lines', "import {\n  a, // from 'x'\n  b\n} from './a.ts'", ['static ./a.ts']],
  ['two on one line', "import a from 'a';import b from 'b'", ['static a', 'static b']],
  ['an import with attributes', "import a from './a.json' with { type: 'json' }", ['static ./a.json']],
  ['a name that is a string', "import { 'a-b' as c } from './a.ts'", ['static ./a.ts']],
  ['names that are words of the grammar', "import { from, type, as as as } from './a.ts'", ['static ./a.ts']],
  ['an escaped specifier', "import a from './\\u0061.ts'", ['static ./a.ts']],
  ['a re-export', "export { a } from './a.ts'", ['static ./a.ts']],
  ['a re-export of all', "export * from './a.ts'", ['static ./a.ts']],
  ['a re-export as a namespace', "export * as a from './a.ts'", ['static ./a.ts']],
  ['an import after a shebang', "#!/usr/bin/env node import 'x'\nimport './a.ts'", ['static ./a.ts']],
  ['a type-only import', "import type { A } from './a.ts'", ['type ./a.ts']],
  ['a type-only default import', "import type A from './a.ts'", ['type ./a.ts']],
  ['a type-only namespace', "import type * as a from './a.ts'", ['type ./a.ts']],
  ['a type-only default import called from', "import type from from './a.ts'", ['type ./a.ts']],
  ['a value called type', "import type from './a.ts'", ['static ./a.ts']],
  ['a value called type, and others', "import type, { a } from './a.ts'", ['static ./a.ts']],
  ['a type-only re-export', "export type { A } from './a.ts'", ['type ./a.ts']],
  ['a type-only re-export of all', "export type * from './a.ts'", ['type ./a.ts']],
  ['a type in place', "type A = import('./a.ts').A", ['type ./a.ts']],
  ['a type as an argument of a type', "const a: Map<string, import('./a.ts').A> = new Map()", ['type ./a.ts']],
  ['the type of a module', "type A = typeof import('./a.ts')", ['type ./a.ts']],
  ['a dynamic import', "const { a } = await import('./a.ts')", ['dynamic ./a.ts']],
  ['a dynamic import that goes on', "import('./a.ts').then(({ a }) => a())", ['dynamic ./a.ts']],
  ['a dynamic import with attributes', "await import('./a.json', { with: { type: 'json' } })", ['dynamic ./a.json']],
  ['a dynamic import over lines', "await import(\n  /* why */ './a.ts'\n)", ['dynamic ./a.ts']],
  ['a dynamic import by a template', 'await import(`./a.ts`)', ['dynamic ./a.ts']],
  ['a dynamic import within a template', "`${await import('./a.ts')} import './b.ts'`", ['dynamic ./a.ts']],
  ['a template in a template', "`${`${import('./a.ts')}import './b.ts'`}${{ a: '}' }}`", ['dynamic ./a.ts']],
  ['a dynamic import that chooses', "const a = b ? import('./a.ts') : c", ['dynamic ./a.ts']],
  ['a computed import', 'await import(path)', ['dynamic undefined']],
  ['an import of a sum', "await import('./a' + b)", ['dynamic undefined']],
  ['an import of a template with an expression', 'await import(`./${a}.ts`)', ['dynamic undefined']],
  ['an import in a string', `const a = "import './a.ts'"; const b = 'x\\' import("./a.ts")'`, []],
  ['an import in a template', "const a = `\nimport './a.ts'\n\\` \\${import('./b.ts')}`", []],
  ['an import in comments', "// import './a.ts'\n/* import './a.ts' */\n/** @import { A } from './a.ts' */", []],
  ['an import in a regular expression', "const a = /import '.\\/a'/.test(b)", []],
  ['quotes in a regular expression', "a = /['\"`]/; import './a.ts'", ['static ./a.ts']],
  ['a slash in a class of a regular expression', "a = b.split(/[/'`]/); import './a.ts'", ['static ./a.ts']],
  ['a regular expression after a condition', "if (a) /'/.test(b)\nimport './a.ts'", ['static ./a.ts']],
  ['a regular expression after a block', "if (a) {\n}\n/'/.test(b)\nimport './a.ts'", ['static ./a.ts']],
  ['a regular expression after return', "const a = () => { return /'/ }\nimport './a.ts'", ['static ./a.ts']],
  ['a regular expression after of', "for (const a of /'/.exec(b)) c(a)\nimport './a.ts'", ['static ./a.ts']],
  ['a negated regular expression', "const a = b\n!/'/.test(c)\nimport './a.ts'", ['static ./a.ts']],
  ['divisions', "a = b / c / d; e = (f) / g[0] / 2 // '\nimport './a.ts'", ['static ./a.ts']],
  ['divisions by a quoted number', "a = b! / +'2'; c = d++ / +'3'; import './a.ts'", ['static ./a.ts']],
  ['divisions by what a template gives', "a = `${b}` / +'2' / c; import './a.ts'", ['static ./a.ts']],
  ['divisions of what has the name of an operator', "a = b.return / +'2' / of / c; import './a.ts'", ['static ./a.ts']],
  ['a number after a question mark', "a = b?.5:/'/; import './a.ts'", ['static ./a.ts']],
  ['the address of the module', "const a = import.meta.dirname; from('./a.ts')", []],
  ['a property called import', "a.import('./a.ts'); a?.import('./b.ts'); const b = { import: './c.ts' }", []],
  ['a method called import', 'class A { import(a) {} async import(b: string): void {} }', []],
  ['a method of an interface', 'interface A { a: string\n  import(b: string): void; import(c: B): void }', []],
  ['an export of its own', "export { a }\nconst from = './a.ts'", []],
  ['an export of a value', "export const from = 'a', b = { from: './a.ts' }", []],
  ['an export of a type', "export type A = { from: 'a' }", []]
]

const said = ({ kind, specifier }: Import): string => `${kind} ${specifier}`

t.test('only the imports of a file are found', async (t) => {
  for (const [name, source, imports] of rows) t.same(importsOf(source).map(said), imports, name)
})

t.test('an import has its line', async (t) => {
  const source = "/* a\n */ import './a.ts'\n\nconst a = `\n\n${import('./b.ts')}`\n"
  t.same(
    importsOf(source).map(({ line }) => line),
    [2, 6]
  )
})

t.test('a text that ends within a token or a bracket is refused', async (t) => {
  for (const source of ["'a", '`a', '`${a', '/* a', 'a = /a', 'a = /[/]', '(', '}', "'a\n'"]) {
    t.throws(() => importsOf(source), SyntaxError, source)
  }
})

t.test('esbuild finds the same imports in each file of the project', async (t) => {
  const files = globSync('{packages/*/{src,test},packaging,test,docs,demo}/**/*.ts', { cwd: root })
  t.ok(files.length > 1000, 'the files were searched')
  const changed = notYetCompared(files)
  const loaded = changed.flatMap((file) =>
    importsOf(textOf(file))
      .filter(({ specifier, kind }) => kind !== 'type' && specifier !== undefined)
      .map((found) => `${file}: ${said(found)}`)
  )
  // esbuild says once what a file imports twice
  if (t.same([...new Set(loaded)].sort(), (await importsByEsbuild(changed)).sort())) rememberCompared(files)
})

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Marks of the texts in which both found the same, a line each. To find that again takes seconds of processor time. */
const compared = join(root, '.tap/imports-compared')

/** What was compared: the text, this reader and that esbuild. */
const markOf = (file: string): string =>
  createHash('sha256')
    .update(`${textOf(file)}\0${reader}`)
    .digest('hex')
const reader = [version, ...['imports.ts', 'tokens.ts'].map((name) => textOf(`test/layout/${name}`))].join()

const notYetCompared = (files: string[]): string[] => {
  const known = new Set(existsSync(compared) ? readFileSync(compared, 'utf8').split('\n') : [])
  return files.filter((file) => !known.has(markOf(file)))
}

const rememberCompared = (files: string[]): void => {
  mkdirSync(dirname(compared), { recursive: true })
  writeFileSync(`${compared}.${process.pid}`, files.map(markOf).join('\n'))
  renameSync(`${compared}.${process.pid}`, compared)
}

/** All that esbuild finds to resolve: what is left when types are erased, but for what is computed. */
const importsByEsbuild = async (files: string[]): Promise<string[]> => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir: 'not-written',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    metafile: true,
    // it takes each file alone. A plugin that did so would be asked for each import, over a pipe
    packages: 'external',
    external: ['./*', '../*']
  })
  const found = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports.map(({ kind, path }) => `${file}: ${kind === 'dynamic-import' ? 'dynamic' : 'static'} ${path}`)
  )
  return [...new Set(found)]
}
