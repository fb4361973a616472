import { isDeepStrictEqual } from 'node:util'
import { badRequest, Refused } from '../objects/refused.ts'
import { isMap } from './values.ts'

/** The object after a JSON Patch (RFC 6902), as evanphx/json-patch v4 reads it: a replaced field need not be there before. */
export const jsonPatch = (object: unknown, patch: unknown): unknown => {
  if (!Array.isArray(patch) || !patch.every(isMap))
    throw badRequest('error decoding patch: it is no list of operations')
  if (patch.length > 10_000) {
    const found = `The allowed maximum operations in a JSON patch is 10000, got ${patch.length}`
    throw new Refused(413, 'RequestEntityTooLarge', `Request entity too large: ${found}`)
  }
  const next = structuredClone(object)
  for (const { op, path, from, value = null } of patch) {
    const act = operations[String(op)] ?? fail
    act((pointer = path) => placeIn(next, String(pointer).split('/')), structuredClone(value), String(from))
  }
  return next
}

/** A part of a document, which need not be there. */
type Place = readonly [holder: Record<string, unknown> | unknown[], key: string]

const operations: Record<string, (at: (pointer?: string) => Place, value: unknown, from: string) => unknown> = {
  test: (at, value) => isDeepStrictEqual(get(at()) ?? null, value) || fail(),
  add: (at, value) => add(at(), value),
  remove: (at) => remove(at()),
  replace: (at, value) => Object.assign(at()[0], { [keyIn(at())]: value }),
  copy: (at, _, from) => add(at(), structuredClone(get(at(from)) ?? null)),
  move: (at, _, from) => {
    const value = get(at(from))
    remove(at(from))
    add(at(), value)
  }
}

/** Refuses the patch. The API server says no more of anything that fails (apiserver, applyJSPatch). */
const fail = (): never => {
  throw new Refused(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
}

const placeIn = (document: unknown, path: readonly string[]): Place => {
  if (path[0] !== '' || path.length < 2) return fail()
  const key = path.at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~') ?? ''
  const holder = path.length === 2 ? document : get(placeIn(document, path.slice(0, -1)))
  return isMap(holder) || Array.isArray(holder) ? [holder, key] : fail()
}

/** The key, or the index in a list of that length. A negative index counts from the end. */
const keyIn = ([holder, key]: Place, more = 0): number | string => {
  if (!Array.isArray(holder)) return key
  const [index, end] = [Number(key), holder.length + more]
  return /^-?\d+$/.test(key) && index < end && index >= -end ? (index + end) % end : fail()
}

const get = (place: Place): unknown => (place[0] as Record<string, unknown>)[keyIn(place)]

const add = ([holder, key]: Place, value: unknown): void => {
  if (Array.isArray(holder)) holder.splice(key === '-' ? holder.length : Number(keyIn([holder, key], 1)), 0, value)
  else holder[key] = value
}

const remove = ([holder, key]: Place): void => {
  if (Array.isArray(holder)) holder.splice(Number(keyIn([holder, key])), 1)
  else if (!Object.hasOwn(holder, key) || !delete holder[key]) fail()
}
