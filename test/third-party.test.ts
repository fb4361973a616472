import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { importsOf } from './layout/imports.ts'

const root = join(import.meta.dirname, '..')
const folder = dirname(fileURLToPath(import.meta.resolve('yaml')))
const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T

/** Name of the package that a specifier belongs to. Empty for a file of ours and for a module of Node. */
const nameOf = (specifier: string): string =>
  /^(?!@joinery\/)(?:@[^/]+\/)?[\w-][\w.-]*(?=\/|$)/.exec(specifier)?.[0] ?? ''

/** Folder of the package that a file of `node_modules` belongs to. */
const packageOf = (file: string): string => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? file

/** Folders of the packages that `user`, a folder, may load, from the root of the repository. */
const needs = (user: string, names: Iterable<string>, known = new Set<string>()): Set<string> => {
  for (const name of names) {
    const link = join(root, user, 'node_modules', name)
    const found = existsSync(link) ? relative(root, realpathSync(link)) : ''
    if (found === '' || known.has(found)) continue
    known.add(found)
    const { dependencies = {}, peerDependencies = {} } = read<Record<string, object>>(join(root, found, 'package.json'))
    // pnpm puts what a package needs beside it
    needs(
      found.slice(0, found.lastIndexOf('/node_modules/')),
      Object.keys({ ...dependencies, ...peerDependencies }),
      known
    )
  }
  return known
}

// while tap measures coverage, everything is loaded as it is installed
const skip = !folder.includes('/.tap/third-party/')

t.test('a package of others is loaded once, whoever imports it', { skip }, async (t) => {
  const { outputs } = read<{ outputs: Record<string, { inputs: object }> }>(join(folder, 'metafile.json'))
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))
  t.same(files.length, new Set(files).size, 'each file is in one bundle')

  const specifiers = Object.keys(read<object>(join(folder, 'bundles.json')))
  const names = new Set(specifiers.map(nameOf))
  const sources = globSync(['{packages,docs,demo,test}/**/*.ts', 'packaging/**/*.ts'], {
    cwd: root,
    exclude: ['**/node_modules/**']
  })
  const imported = sources.flatMap((file) =>
    importsOf(readFileSync(join(root, file), 'utf8'))
      .filter(({ kind, specifier = '' }) => kind !== 'type' && nameOf(specifier) !== '')
      .map(({ specifier = '' }) => ({ file, specifier }))
  )
  t.same(
    imported.filter(({ specifier }) => names.has(nameOf(specifier)) && !specifiers.includes(specifier)),
    [],
    'no file of ours imports a part of a bundled package that is not bundled'
  )

  const bundled = new Set(files.map(packageOf))
  t.ok(bundled.size > specifiers.length)
  const products = imported.filter(
    ({ file, specifier }) => /^packages\/(?!console\/|testing\/)\w+\/src\//.test(file) && !names.has(nameOf(specifier))
  )
  t.same(
    products.flatMap(({ file, specifier }) =>
      [...needs(file.replace(/\/src\/.*/, ''), [nameOf(specifier)])]
        .filter((one) => bundled.has(one))
        .map((one) => `${file}: ${specifier} needs ${one}`)
    ),
    [],
    'no other package of a program needs one that is bundled'
  )
})
