import { createHash } from 'node:crypto'
import type { DecisionSpec } from './decision.ts'

/** Letters of a name that bind a spec: 128 bits of SHA-256. */
const bound = 32

/**
 * Name of a Decision that binds what its maker sent. Admission may change the spec on its way, by a webhook or by a
 * MutatingAdmissionPolicy; it cannot change the name (`joinery-decisions`). `unique`: 16 letters of hex that no other Decision has.
 */
export const decisionName = (spec: DecisionSpec, unique: string): string =>
  `${spec.verdict}-${unique}-${digestOf(spec, unique)}`

/** True if the name binds another spec than this one. A name that kubectl or a program has chosen binds none. */
export const bindsAnother = (name: string, spec: DecisionSpec): boolean => {
  const [, unique, digest] = named.exec(name) ?? []
  return unique !== undefined && digest !== digestOf(spec, unique)
}

const named = new RegExp(`^[a-z]+-([0-9a-f]{16})-([0-9a-f]{${bound}})$`)

/** Digest of all that the spec holds. The order of fields does not matter: the API server gives them in its own. */
const digestOf = (spec: DecisionSpec, unique: string): string => {
  const fields = Object.entries(spec).sort(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([unique, fields]))
    .digest('hex')
    .slice(0, bound)
}
