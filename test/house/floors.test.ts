import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'
import { filesInFolder, floors, packages } from './floors.ts'
import { importsOf } from './imports.ts'

const root = resolve(import.meta.dirname, '../..')
const sources = globSync('packages/*/src/**/*.ts', { cwd: root }).sort()

/** The package of a source file, and its path below `src`. */
const placeOf = (source: string): { name: string; path: string } => {
  const [, name = '', , ...path] = source.split('/')
  return { name, path: path.join('/') }
}

/** The room of a source file: the longest name that fits. Undefined if it has none. */
const roomOf = (source: string): string | undefined => {
  const { name, path } = placeOf(source)
  const fits = (room: string): boolean =>
    room === path || path.startsWith(`${room}/`) || (room === '.' && !path.includes('/'))
  return (floors[name] ?? [])
    .flat()
    .filter(fits)
    .sort((a, b) => b.length - a.length)[0]
}

/** Number of the floor that a room of a package is on, from the ground. */
const floorOf = (name: string, room: string | undefined): number =>
  (floors[name] ?? []).findIndex((rooms) => room !== undefined && rooms.includes(room))

const imports = sources.map((source) => ({
  source,
  specifiers: importsOf(readFileSync(join(root, source), 'utf8')).flatMap(({ specifier }) => specifier ?? [])
}))

t.test('every source file is in a room, and every room has files', async (t) => {
  t.same(
    sources.filter((source) => roomOf(source) === undefined),
    []
  )
  const used = new Set(sources.map((source) => `${placeOf(source).name}/${roomOf(source)}`))
  const named = Object.entries(floors).flatMap(([name, rooms]) => rooms.flat().map((room) => `${name}/${room}`))
  t.same([...used].sort(), named.sort())
  t.same(Object.keys(floors).sort(), Object.keys(packages).sort())
})

t.test('a file imports its own room, and rooms of its package on the floors below', async (t) => {
  let seen = 0
  const up = imports.flatMap(({ source, specifiers }) => {
    const { name } = placeOf(source)
    const own = roomOf(source)
    return specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => join(dirname(source), specifier))
      .filter((target) => {
        seen += 1
        const room = roomOf(target)
        return placeOf(target).name !== name || (room !== own && floorOf(name, room) >= floorOf(name, own))
      })
      .map((target) => `${source} imports ${target}`)
  })
  t.same(up, [])
  t.ok(seen > 1000, 'the imports were read')
})

t.test('a package imports only the packages that the table allows', async (t) => {
  const others = imports.flatMap(({ source, specifiers }) => {
    const allowed = packages[placeOf(source).name] ?? []
    return specifiers.flatMap((specifier) => {
      const [, other] = /^@joinery\/([^/]+)/.exec(specifier) ?? []
      return other === undefined || allowed.includes(other) ? [] : [`${source} imports ${specifier}`]
    })
  })
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

t.test(`a folder holds at most ${filesInFolder.most} files, unless there is a reason`, async (t) => {
  const sizes = new Map<string, number>()
  for (const source of sources) sizes.set(dirname(source), (sizes.get(dirname(source)) ?? 0) + 1)
  const full = [...sizes].filter(([, files]) => files > filesInFolder.most).map(([folder]) => folder)
  t.same(full, Object.keys(filesInFolder.exceptions))
})
