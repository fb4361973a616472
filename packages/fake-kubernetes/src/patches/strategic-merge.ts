import type { Kind } from '../kinds/kind.ts'
import { badRequest, Refused } from '../objects/refused.ts'
import { isMap, type Keyed } from './values.ts'

/** The object after a strategic merge patch (apimachinery, util/strategicpatch). Items of a list merge by its first key. */
export const strategicMerge = (kind: Keyed & Pick<Kind, 'group'>, object: unknown, patch: unknown): unknown => {
  // a custom resource: groups without a dot, and those below k8s.io, are Kubernetes' own
  if (kind.group.includes('.') && !kind.group.endsWith('.k8s.io')) {
    const words = 'the body of the request was in an unknown format - accepted media types include:'
    const taken = ['json-patch+json', 'merge-patch+json', 'apply-patch+yaml'].map((type) => ` application/${type}`)
    throw new Refused(415, 'UnsupportedMediaType', `${words}${taken.join()}`)
  }
  if (!isMap(patch)) throw badRequest('error decoding patch: it is no map')
  return merged(kind, object, patch, [])
}

const merged = (kind: Keyed, before: unknown, patch: unknown, path: readonly string[]): unknown => {
  if (Array.isArray(patch)) return mergedLists(kind, listIn(before), patch, path)
  if (!isMap(patch)) return patch
  const { $patch, $retainKeys: retained, ...fields } = patch
  if ($patch === 'replace') return fields
  if ($patch === 'delete') return isMap(before) ? {} : undefined
  const isKept = ([name]: [string, unknown]) => retained === undefined || listIn(retained).includes(name)
  const next = Object.fromEntries(Object.entries(isMap(before) ? before : {}).filter(isKept))
  const names = Object.keys(fields).map((field) => field.replace(/^\$(setElementOrder|deleteFromPrimitiveList)\//, ''))
  for (const name of new Set(names)) {
    const at = [...path, name]
    const value = name in fields ? merged(kind, next[name], fields[name], at) : next[name]
    const gone = listIn(fields[`$deleteFromPrimitiveList/${name}`])
    const order = listIn(fields[`$setElementOrder/${name}`])
    if (value === null || value === undefined) delete next[name]
    else if (!Array.isArray(value)) next[name] = value
    else next[name] = inOrder(value, order, kind.mergeKeys[at.join('.')]?.[0]).filter((item) => !gone.includes(item))
  }
  return next
}

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const mergedLists = (kind: Keyed, before: readonly unknown[], patch: readonly unknown[], path: readonly string[]) => {
  const keys = kind.mergeKeys[path.join('.')]
  const askedFor = (word?: string) => patch.filter((item) => (isMap(item) ? item.$patch : undefined) === word)
  const isReplaced = keys === undefined || askedFor('replace').length > 0
  const next = isReplaced ? [] : before.filter((item) => placeOf(item, askedFor('delete'), keys[0]) < 0)
  for (const item of askedFor()) {
    const place = keys === undefined ? -1 : placeOf(item, next, keys[0])
    if (place < 0) next.push(merged(kind, undefined, item, path))
    else next[place] = merged(kind, next[place], item, path)
  }
  return next
}

/** The list, with the items that `order` names in that order at their places. */
const inOrder = (list: readonly unknown[], order: readonly unknown[], key: string | undefined) => {
  const place = (item: unknown) => placeOf(item, order, key)
  const named = list.filter((item) => place(item) >= 0).sort((one, other) => place(one) - place(other))
  return list.map((item) => (place(item) >= 0 ? named.shift() : item))
}

const placeOf = (item: unknown, list: readonly unknown[], key: string | undefined): number => {
  const idOf = (one: unknown) => (key !== undefined && isMap(one) ? one[key] : one)
  return list.findIndex((one) => idOf(one) === idOf(item))
}
