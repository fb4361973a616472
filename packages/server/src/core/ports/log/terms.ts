import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { clocksDiffer } from '../../base/clock.ts'
import { damaged } from './log-refusal.ts'

/** Name of the document with the history of terms. Take-overs write it, and the settling of a fork that is found later. */
export const termsName = 'terms'

/** Terms that the history keeps, the newest ones. */
const kept = 512

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/**
 * A term of the log: the number of its first batch, and the batch that it began on. Each first batch skips numbers by chance, so
 * no two servers begin a term with the same number. `restored`: why everything that was given before has to be settled, if it has.
 * `upTo`: number of the term before which it was given, if not all of it has to be. `isCommand`: a command of a host took over, which
 * gives nothing.
 */
const Term = Type.Object(
  {
    term: Count,
    number: Count,
    before: Type.Object({ number: Count, hash: Type.String(), term: Count }, { additionalProperties: false }),
    at: Type.String(),
    restored: Type.Optional(Type.String()),
    upTo: Type.Optional(Count),
    isCommand: Type.Optional(Type.Literal(true))
  },
  { additionalProperties: false }
)
export type Term = Static<typeof Term>

const Terms = Type.Object({ terms: Type.Array(Term, { maxItems: kept }) }, { additionalProperties: false })

/** The history in the text of its document, oldest first. Empty if there is none: no server of this version took over yet. */
export const readTerms = (text: string | undefined): readonly Term[] => {
  if (text === undefined) return []
  const read: unknown = JSON.parse(text)
  if (!Value.Check(Terms, read)) throw damaged('the history of terms in the cluster is damaged')
  return read.terms
}

/** The text of the document of a history. */
export const textOf = (terms: readonly Term[]): string => JSON.stringify({ terms: terms.slice(-kept) })

/** A term, as a host remembers it. */
export type TermPlace = readonly [term: number, number: number]

/** Terms that a host remembers of a line of the log. */
const remembered = 16

export const placesOf = (terms: readonly Term[]): TermPlace[] =>
  terms.slice(-remembered).map(({ term, number }) => [term, number])

/** A place in a log, as a host knows it: the number of a batch, and the last terms up to it, if it knows them. */
export interface Place {
  number: number
  hash?: string
  terms?: readonly TermPlace[]
}

/**
 * Verdict on a place that a host knows, by the log as it is now.
 * - here: the log as it is now went on from that place, or is just there
 * - ahead: the log ends before that place, and nobody has gone on with it since
 * - fork: somebody went on without that place, from the term `from` on, or from an earlier one that nobody can name any more. Undefined if
 *   there is no such term
 */
export type Line = { is: 'here' } | { is: 'ahead' } | { is: 'fork'; from: Term | undefined }

const here: Line = { is: 'here' }

/** Says where a place lies in a log that ends at this number and has this history. */
export const judgePlace = (place: Place, end: number, terms: readonly Term[]): Line =>
  place.terms === undefined || place.terms.length === 0 || terms.length === 0
    ? judgeNumber(place.number, end, terms)
    : judgeTerms(place, place.terms, end, terms)

const judgeTerms = (place: Place, own: readonly TermPlace[], end: number, terms: readonly Term[]): Line => {
  const isOwn = ({ term, number }: Term): boolean => own.some((one) => one[0] === term && one[1] === number)
  const last = terms.findLastIndex(isOwn)
  const common = terms[last]
  const from = terms[last + 1]
  const wentOn = common?.term !== own.at(-1)?.[0]
  if (common === undefined) return { is: 'fork', from: firstBeyond(own[0]?.[1] ?? place.number, terms) }
  if (from === undefined) return wentOn || place.number > end ? { is: 'ahead' } : here
  const { before } = from
  const isOther = place.number === before.number && place.hash !== undefined && place.hash !== before.hash
  return wentOn || place.number > before.number || isOther ? { is: 'fork', from } : here
}

/** The same for a host that knows a number alone: a take-over skips numbers, and what it skipped is on no line but another one. */
const judgeNumber = (number: number, end: number, terms: readonly Term[]): Line => {
  if (number > end) return { is: 'ahead' }
  const next = firstBeyond(number, terms)
  return next !== undefined && number > next.before.number ? { is: 'fork', from: next } : here
}

/** The first term that began beyond this number. If the number is on another branch, the log had left that one by then. */
export const firstBeyond = (number: number, terms: readonly Term[]): Term | undefined =>
  terms.find((term) => term.number > number)

/** True if what was given before this term was settled since: by the take-over that began it, or by a later one. */
export const isSettledSince = (from: Term | undefined, terms: readonly Term[]): boolean =>
  from !== undefined &&
  terms.some(({ number, restored, upTo = number }) => restored !== undefined && upTo >= from.number)

/**
 * Time at which this term began. Undefined if an earlier one began later: the clock of that host was behind, and nobody knows what was given
 * before the term.
 */
export const beganAt = (from: Term | undefined, terms: readonly Term[]): string | undefined => {
  if (from === undefined) return undefined
  const latest = Date.parse(from.at) + clocksDiffer
  return terms.some(({ term, at }) => term < from.term && Date.parse(at) > latest) ? undefined : from.at
}
