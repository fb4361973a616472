import { badRequest } from '../objects/refused.ts'
import { isMap } from './values.ts'

/** The object after a JSON Merge Patch (RFC 7386). */
export const mergePatch = (object: unknown, patch: unknown): unknown => {
  if (!isMap(patch)) throw badRequest('error decoding patch: it is no map')
  const next: Record<string, unknown> = isMap(object) ? { ...object } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete next[name]
    else next[name] = isMap(value) ? mergePatch(next[name], value) : value
  }
  return next
}
