import { hash } from 'node:crypto'

/**
 * Hash of all that an object holds. `foreign`: the metadata that the server never writes, such as labels; undefined if there is
 * none. The order of fields does not matter: the API server gives them in its own.
 */
export const hashOf = (status: unknown, foreign?: unknown): string =>
  hash('sha256', JSON.stringify([sorted(status), sorted(foreign)]), 'base64url')

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([field, one]) => [field, sorted(one)])
  )
}
