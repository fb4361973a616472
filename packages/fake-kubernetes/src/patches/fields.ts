import { isDeepStrictEqual } from 'node:util'
import { isMap, type Keyed } from './values.ts'

/** Paths of fields: elements as FieldsV1 writes them, a line each. They have no line ends, since keys and values are JSON. */
export type Paths = ReadonlySet<string>

/** Parts of an object by their paths, parents first. A map, or a list whose items merge, is an empty one. */
export type Parts = ReadonlyMap<string, unknown>

export const partsOf = (kind: Keyed, object: object): Parts => new Map(visited(kind, object, '', ''))

const visited = (kind: Keyed, value: unknown, at: string, path: string): [string, unknown][] => {
  const visit = (element: string, part: unknown, to: string): [string, unknown][] => {
    const below = path === '' ? element : `${path}\n${element}`
    const keys = kind.mergeKeys[to.slice(1)]
    const isWhole = !isMap(part) && !(Array.isArray(part) && keys !== undefined)
    return [[below, isWhole ? part : isMap(part) ? {} : []], ...(isWhole ? [] : visited(kind, part, to, below))]
  }
  if (Array.isArray(value))
    return value.flatMap((item) => visit(itemOf(item, kind.mergeKeys[at.slice(1)] ?? []), item, at))
  return Object.entries(value as object).flatMap(([name, part]) => visit(`f:${name}`, part, `${at}.${name}`))
}

const itemOf = (item: unknown, keys: readonly string[]): string => {
  if (keys.length === 0 || !isMap(item)) return `v:${JSON.stringify(item)}`
  return `k:${JSON.stringify(Object.fromEntries([...keys].sort().map((key) => [key, item[key]])))}`
}

/** The object that has these parts. */
export const objectOf = (parts: Parts): object => {
  const made = new Map<string, unknown>([['', {}]])
  for (const [path, part] of parts) {
    const [value, holder] = [structuredClone(part), made.get(parentOf(path))]
    made.set(path, value)
    if (Array.isArray(holder)) holder.push(value)
    else Object.assign(holder as object, { [elementOf(path).slice(2)]: value })
  }
  return made.get('') as object
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('\n')))
const elementOf = (path: string): string => path.slice(path.lastIndexOf('\n') + 1)

/** Every item, and maps and lists only where they are empty. */
const statedPaths = (parts: Parts): string[] => {
  const parents = new Set([...parts.keys()].map(parentOf))
  return [...parts.keys()].filter((path) => !parents.has(path) || !elementOf(path).startsWith('f:'))
}

/** Paths that somebody owns who applies these parts. */
export const statedIn = (parts: Parts): Paths => ownable(statedPaths(parts))

/** The parts without these. Maps and lists that had nothing else go with them. */
export const pruned = (parts: Parts, gone: Paths): Parts => {
  const lineOf = (path: string): string[] => (path === '' ? [] : [...lineOf(parentOf(path)), path])
  const isKept = (path: string) => !lineOf(path).some((one) => gone.has(one))
  const kept = new Set(statedPaths(parts).filter(isKept).flatMap(lineOf))
  return new Map([...parts].filter(([path]) => kept.has(path)))
}

/** Fields that nobody owns (apimachinery, stripMetaManager). */
const unowned =
  /^f:(apiVersion|kind|metadata(\nf:(name|namespace|creationTimestamp|uid|generation|resourceVersion|managedFields))?)$/

const ownable = (paths: readonly string[]): Paths => new Set(paths.filter((path) => !unowned.test(path)))

/** Paths that are added or changed, and those as well as the ones that are gone. */
export const differenceOf = (from: Parts, to: Parts): [set: Paths, changed: Paths] => {
  const set = [...to.keys()].filter((path) => !from.has(path) || !isDeepStrictEqual(from.get(path), to.get(path)))
  return [ownable(set), ownable([...set, ...[...from.keys()].filter((path) => !to.has(path))])]
}

/** Paths in FieldsV1. */
export const pathsOf = (fields: object, at = ''): Paths =>
  new Set(
    Object.entries(fields).flatMap(([element, below]: [string, object]) => {
      const path = element === '.' ? at : at === '' ? element : `${at}\n${element}`
      return Object.keys(below).length > 0 ? [...pathsOf(below, path)] : path
    })
  )

/** The paths as FieldsV1. */
export const fieldsOf = (paths: Paths): object => {
  type Tree = { [element: string]: Tree }
  const root: Tree = {}
  const sorted = [...paths].sort()
  for (const [place, path] of sorted.entries()) {
    let at = root
    for (const element of path.split('\n')) at = at[element] ??= {}
    if (sorted[place + 1]?.startsWith(`${path}\n`)) at['.'] = {}
  }
  return root
}
