import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { packages } from './packages.ts'
import { sources } from './sources.ts'

const root = resolve(import.meta.dirname, '../..')

t.test('every package is in the table', async (t) => {
  t.same([...new Set(sources.map(({ name }) => name))].sort(), Object.keys(packages).sort())
})

t.test('a package imports only the packages that the table allows', async (t) => {
  const others = sources.flatMap(({ file, name, specifiers }) =>
    specifiers.flatMap((specifier) => {
      const [, other] = /^@joinery\/([^/]+)/.exec(specifier) ?? []
      return other === undefined || packages[name]?.includes(other) ? [] : [`${file} imports ${specifier}`]
    })
  )
  t.same(others, [])
})

t.test('the dependencies of a package are those that the table allows', async (t) => {
  for (const [name, allowed] of Object.entries(packages)) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
    const own = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@joinery/'))
    t.same(own.map((dependency) => dependency.slice('@joinery/'.length)).sort(), [...allowed].sort(), name)
  }
})

// each file of the folder is a face
const wideFaces: Readonly<Record<string, readonly string[]>> = {
  agent: ['./testing/*'],
  cli: ['./testing/*'],
  server: ['./testing/*'],
  // a program that needs a table shall not load all of them
  host: ['./text/*'],
  testing: ['./*']
}

t.test('nobody can import a file of a package that is not one of its faces', async (t) => {
  for (const name of Object.keys(packages)) {
    const { exports } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
    const faces = Object.entries(exports).filter(([face]) => face.includes('*'))
    t.same(
      faces.map(([face]) => face),
      wideFaces[name] ?? [],
      name
    )
  }
})
