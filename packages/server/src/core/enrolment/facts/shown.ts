import { isDeepStrictEqual } from 'node:util'
import { approvalCounts, type Facts, ProblemError, type RetryRequest } from '@joinery/protocol'
import type { CodeDocument } from '../../ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

/**
 * Revision that operators are shown, and that an approval or retry covers: the last change of anything that such a decision
 * rests on. A check whose words change at each look, a stage line or an alert does not count. Otherwise a machine that makes
 * noise could not be approved. A document from before this was kept has its own revision.
 */
export const shownRevision = ({ approval: { shownAt }, revision }: EnrolmentDocument): number => shownAt ?? revision

/** Throws `revision-changed` if revision or key are not those that were shown. */
export const requireShown = (enrolment: EnrolmentDocument, shown: RetryRequest): void => {
  const { key, name } = enrolment
  const revision = shownRevision(enrolment)
  if (shown.revision === revision && shown.key === key) return
  throw new ProblemError('revision-changed', {
    detail: `revision ${shown.revision} was shown, but the enrolment is at ${revision} now`,
    remedy: `look again: joinery show ${name}`
  })
}

/** The document `after`, with the revision to show, before it is written over `before`. */
export const withShown = (before: EnrolmentDocument, after: EnrolmentDocument): EnrolmentDocument => ({
  ...after,
  approval: {
    ...after.approval,
    shownAt: isDeepStrictEqual(covered(before), covered(after)) ? shownRevision(before) : before.revision + 1
  }
})

/**
 * The parts of an enrolment that an approval covers. A check counts by its verdict. The time when the state was entered counts,
 * so that no decision is carried out in another state.
 */
const covered = (enrolment: EnrolmentDocument): unknown => {
  const { state, since, key, name, role, address, facts, preflight } = enrolment
  const { key: joinKey, sealKey } = enrolment.join
  const { labels, taints, policy, credential } = enrolment.terms
  const { replaced } = enrolment.approval
  const verdicts = preflight.map(({ name, verdict, ignored }) => [name, verdict, ignored])
  const evidence = { key, name, role, address, facts, verdicts, joinKey, sealKey: sealKey?.split('.')[1] }
  return { state, since, ...evidence, labels, taints, policy, credential, replaced, recovery: coveredOf(enrolment) }
}

/** The parts of a way back that a decision covers. A machine that only asks again changes nothing. */
const coveredOf = ({ recovery }: EnrolmentDocument): unknown => {
  if (recovery === undefined) return undefined
  const { state, asked, other } = recovery
  return state === 'over' && asked === undefined ? undefined : { state, asked, other }
}

/**
 * Facts of the machine that was approved. What the machine says later does not make it another one. If no approval stands, or
 * the document is from before this was kept, these are the facts that it says now.
 */
export const approvedFacts = (enrolment: Pick<EnrolmentDocument, 'state' | 'approval' | 'facts'>): Facts => {
  const { evidence } = enrolment.approval
  return evidence !== undefined && approvalCounts(enrolment) ? evidence.facts : enrolment.facts
}

export const usesOf = ({ uses = 1 }: CodeDocument): number => uses

/** Ids of the enrolments of the machines that used the code, in their order. */
export const enrolmentsOf = ({ users = [], enrolment }: CodeDocument): string[] =>
  enrolment === undefined ? users.map((user) => user.enrolment) : [enrolment]

/** True if the code was used as often as it may be. */
export const isSpent = (code: CodeDocument): boolean => enrolmentsOf(code).length >= usesOf(code)

/**
 * Id of the enrolment that stands behind the code for this key. For a code for many machines it is the key's own. For a code
 * for one machine it is the enrolment that used the code, whatever its key.
 */
export const enrolmentFor = ({ users = [], enrolment }: CodeDocument, key: string): string | undefined =>
  enrolment ?? users.find((user) => user.key === key)?.enrolment

/** The code once this key has used it. The commit of this code is what makes a use single. */
export const withUse = (code: CodeDocument, user: { key: string; enrolment: string }): CodeDocument =>
  usesOf(code) === 1
    ? { ...code, enrolment: user.enrolment }
    : { ...code, users: [...(code.users ?? []), { key: user.key, enrolment: user.enrolment }] }

/**
 * True if the approval policy may rest on the code, since whoever made it may approve. Root made a code without a Code. A Code says so,
 * and the cluster asks who makes it for the right. One of before says nothing, and counts as none.
 */
export const isProof = ({ proof, object }: Pick<CodeDocument, 'proof' | 'object'>): boolean =>
  proof ?? object === undefined
