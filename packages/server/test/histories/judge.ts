import { askedAgain } from './rules/asked-again.ts'
import { doneTwice } from './rules/done-twice.ts'
import { givenAfterRestore } from './rules/given-after-restore.ts'
import { leavesFit } from './rules/leaves-fit.ts'
import { lost } from './rules/lost.ts'
import { refusedWithoutCause } from './rules/refused-without-cause.ts'
import { serversDiffer } from './rules/servers-differ.ts'
import { staleReads } from './rules/stale-reads.ts'
import { thereAlthoughRefused } from './rules/there-although-refused.ts'
import type { Seen } from './seen.ts'

/** What must hold whatever fails, by the kind of the complaint. Each rule is a pure function: a sentence for each violation. */
export const rules = {
  lost,
  double: doneTwice,
  stale: staleReads,
  'refused-and-there': thereAlthoughRefused,
  leaves: leavesFit,
  differ: serversDiffer,
  'given-after-restore': givenAfterRestore,
  'refused-without-cause': refusedWithoutCause,
  'asked-again': askedAgain,
  broken: ({ broken }) => broken
} as const satisfies Record<string, (seen: Seen) => string[]>
export type Kind = keyof typeof rules

export interface Complaint {
  kind: Kind
  what: string
}

/** Pure: what was seen is judged alike each time. */
export const judge = (seen: Seen): Complaint[] =>
  (Object.keys(rules) as Kind[]).flatMap((kind) => rules[kind](seen).map((what) => ({ kind, what })))
