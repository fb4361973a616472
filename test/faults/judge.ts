import type { History } from './history.ts'
import { answersKeepTheirText } from './rules/answers-keep-their-text.ts'
import { approvedBeforeGiven } from './rules/approved-before-given.ts'
import { bannedStayAway } from './rules/banned-stay-away.ts'
import { byTheTable } from './rules/by-the-table.ts'
import { nothingLost } from './rules/nothing-lost.ts'
import { oneCertificate } from './rules/one-certificate.ts'
import { rejectedStayOut } from './rules/rejected-stay-out.ts'
import { secretsStaySecret } from './rules/secrets-stay-secret.ts'
import { serverStaysUp } from './rules/server-stays-up.ts'
import { tokensAreForJoining } from './rules/tokens-are-for-joining.ts'

/** The rules of the design that hold whatever fails, each a pure function of what was seen: a sentence for each violation. */
export const rules = {
  'by-the-table': byTheTable,
  'nothing-lost': nothingLost,
  'tokens-are-for-joining': tokensAreForJoining,
  'one-certificate': oneCertificate,
  'approved-before-given': approvedBeforeGiven,
  'banned-stay-away': bannedStayAway,
  'rejected-stay-out': rejectedStayOut,
  'answers-keep-their-text': answersKeepTheirText,
  'secrets-stay-secret': secretsStaySecret,
  'server-stays-up': serverStaysUp
} as const satisfies Record<string, (history: History) => string[]>
export type Rule = keyof typeof rules

export interface Violation {
  rule: Rule
  what: string
}

/** The rules that hold across a restore, too. The others are about what was acknowledged, some of which a restore takes back. */
const acrossRestores: readonly Rule[] = [
  'one-certificate',
  'rejected-stay-out',
  'answers-keep-their-text',
  'secrets-stay-secret',
  'server-stays-up'
]

/** Pure: the same history is judged alike each time. */
export const judge = (history: History): Violation[] =>
  (history.restored === undefined ? (Object.keys(rules) as Rule[]) : acrossRestores).flatMap((rule) =>
    rules[rule](history).map((what) => ({ rule, what }))
  )
