import { hour, minute, type Role } from '@joinery/protocol'
import type { Outcome } from '../cel/messages.ts'
import type { Policy, Rule } from '../document/policy.ts'
import type { Verdict } from '../document/policy-document.ts'
import { isWithinWindow, nextEdge } from '../document/window.ts'
import { movingVariables } from '../words/variables.ts'

/** Verdict of a policy about a machine, and its reason. */
export interface Ruling {
  readonly verdict: Verdict
  /** The rule that decides. Absent if none holds. */
  readonly rule?: Rule
  /** Reason in a sentence. */
  readonly why: string
  /** Reason why the rule could not be evaluated, if that holds the machine. */
  readonly failed?: string
  /** True if the machine is held since the rule asks about its code, which is no proof. */
  readonly lacksProof?: boolean
}

/** The things beside the rules on which a ruling depends. */
export interface Circumstances {
  /** Reasons why only a person approves this machine: see `doubtsAbout`. */
  doubts: readonly string[]
  /** True if the rule approved as many machines in this hour as it may. */
  isSpent: (rule: Rule) => boolean
}

/** Numbers of the rules that count for a machine of this role at this time, in order. */
export const countingRules = ({ rules }: Policy, role: Role, now: Date): number[] =>
  rules.flatMap(({ roles, between }, number) =>
    roles.includes(role) && (between === undefined || isWithinWindow(between, now)) ? [number] : []
  )

/** The ruling by the first rule that holds or fails. A rule that fails never approves, and hides the rules behind it. */
export const rulingBy = (policy: Policy, outcome: Outcome, { doubts, isSpent }: Circumstances): Ruling => {
  const rule = outcome && policy.rules[outcome.number]
  if (outcome === undefined || rule === undefined) return { verdict: 'hold', why: 'no rule holds' }
  if (outcome.failed !== undefined) {
    const why = `rule ${rule.name} could not be evaluated: ${outcome.failed}`
    return { verdict: 'hold', rule, why, failed: outcome.failed }
  }
  const holds = `rule ${rule.name} holds`
  if (rule.verdict !== 'approve') return { verdict: rule.verdict, rule, why: holds }
  if (doubts.length > 0) return { verdict: 'hold', rule, why: `${holds}, but ${doubts.join(' and ')}` }
  if (isSpent(rule)) {
    return { verdict: 'hold', rule, why: `${holds}, but it approved ${rule.quota} in this hour, which is its quota` }
  }
  return { verdict: 'approve', rule, why: `${holds}${onClaims(rule)}` }
}

/** Words about a rule that any machine can satisfy by what it says. */
export const onClaims = ({ claimsOnly }: Pick<Rule, 'claimsOnly'>): string =>
  claimsOnly ? ', only by what the machine claims' : ''

/**
 * The time at which a ruling may be another one though neither the machine nor the policy changed. Undefined if that cannot be.
 */
export const judgeAgain = (policy: Policy, { verdict, rule, failed }: Ruling, now: Date): Date | undefined => {
  if (verdict !== 'hold') return undefined
  const edges = policy.rules.flatMap(({ between }) => (between === undefined ? [] : [nextEdge(between, now)]))
  const moves = policy.rules.some(({ uses }) => uses.some((name) => movingVariables.includes(name)))
  const isHeldApproval = rule?.verdict === 'approve'
  const times = [
    ...edges,
    ...(moves || failed !== undefined || isHeldApproval ? [new Date(now.getTime() + minute)] : []),
    ...(isHeldApproval && rule.quota !== undefined ? [nextHour(now)] : [])
  ]
  return times.length === 0 ? undefined : new Date(Math.min(...times.map((time) => time.getTime())))
}

/** The beginning of the hour of the clock, in UTC. */
export const hourOf = (now: Date): Date => new Date(Math.floor(now.getTime() / hour) * hour)

const nextHour = (now: Date): Date => new Date(hourOf(now).getTime() + hour)
