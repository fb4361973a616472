import { dirname, join } from 'node:path'
import type { Source } from './sources.ts'

/** Folders of the server whose folders are rooms of their own. */
const wings = ['core', 'features', 'adapters', 'front']

/** The room of a source file: the first folder below `src`, the second in a wing of the server, or the file itself if it lies in none. */
export const roomOf = (file: string): string => {
  const [, name, , ...path] = file.split('/')
  const [first = '', second = ''] = path
  return name === 'server' && wings.includes(first) && path.length > 2 ? `${first}/${second}` : first
}

/** An import from one room into another of the same package. */
export interface Arrow {
  from: string
  to: string
  /** `<file> imports <file>`. */
  text: string
}

/** The arrows between the rooms of one package. */
export const arrowsOf = (files: readonly Source[]): Arrow[] =>
  files.flatMap(({ file, name, specifiers }) =>
    specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => join(dirname(file), specifier))
      .filter((target) => target.startsWith(`packages/${name}/src/`) && roomOf(target) !== roomOf(file))
      .map((target) => ({ from: roomOf(file), to: roomOf(target), text: `${file} imports ${target}` }))
  )

/** Groups of rooms that reach each other by arrows, in any number of steps. */
export const circlesOf = (arrows: readonly Pick<Arrow, 'from' | 'to'>[]): string[][] => {
  const next = Map.groupBy(arrows, ({ from }) => from)
  const reached = new Map([...next.keys()].map((room) => [room, reachedFrom(room, next)]))
  const both = (one: string, other: string) => reached.get(one)?.has(other) && reached.get(other)?.has(one)
  const circles = [...next.keys()].map((one) => [...next.keys()].filter((other) => both(one, other)).sort())
  return [...new Map(circles.filter(({ length }) => length > 0).map((circle) => [circle.join(), circle])).values()]
}

const reachedFrom = (room: string, next: ReadonlyMap<string, readonly Pick<Arrow, 'to'>[]>): Set<string> => {
  const found = new Set<string>()
  const ahead = [room]
  for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
    for (const { to } of next.get(one) ?? []) {
      if (found.has(to)) continue
      found.add(to)
      ahead.push(to)
    }
  }
  return found
}

const wingOf = (room: string): string => room.split('/')[0] ?? ''

/** True if a room of the server may import another one: see the server's README. */
export const mayImport = ({ from, to, text }: Arrow): boolean => {
  switch (wingOf(from)) {
    case 'core':
      return wingOf(to) === 'core'
    case 'features':
    case 'adapters':
      return wingOf(to) === 'core'
    case 'front':
      return wingOf(to) === 'core' || wingOf(to) === 'front'
    case 'program':
      return wingOf(to) === 'features'
        ? text.endsWith('/feature.ts')
        : wingOf(to) !== 'commands' && wingOf(to) !== 'testing'
    default:
      return wingOf(from) === 'testing' || wingOf(to) !== 'testing'
  }
}
