import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { importsOf } from './imports.ts'

const root = join(import.meta.dirname, '../..')
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const tests = globSync(['packages/*/test/**/*.ts', 'packages/testing/src/**/*.ts', '{test,demo}/**/*.ts'], {
  cwd: root
})

/** A package, or a folder of the root: `packages/server`, `test`. */
const houseOf = (file: string): string => file.split('/', file.startsWith('packages/') ? 2 : 1).join('/')

/** Files of packages that a file imports by a path, from the root. */
const pathsIn = (file: string): string[] =>
  importsOf(textOf(file))
    .map(({ specifier = '' }) => specifier)
    .filter((specifier) => specifier.startsWith('../'))
    .map((specifier) => join(dirname(file), specifier))

t.test('no test imports from another package by a path, because shared parts are in packages/testing', async (t) => {
  t.ok(tests.length > 500)
  const strays = tests.flatMap((file) =>
    pathsIn(file)
      .filter((path) => houseOf(path) !== houseOf(file) && [file, path].some((one) => one.startsWith('packages/')))
      .map((path) => `${file}: ${path}`)
  )
  t.same(strays, [])
})

t.test('a test builds a whole document, and casts no part of one', async (t) => {
  const cast = /\bas unknown as (?:\w+Document|EnrolmentDetail|ClusterNode|Csr)\b/
  t.same(
    tests.filter((file) => cast.test(textOf(file))),
    []
  )
})
