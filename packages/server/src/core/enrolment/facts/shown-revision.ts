import { isDeepStrictEqual } from 'node:util'
import { ProblemError, type RetryRequest } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/store.ts'

/**
 * Revision that operators are shown, and that an approval or retry covers: the last change of anything that such a decision
 * rests on. A check whose words change at each look, a stage line or an alert does not count. Otherwise a machine that makes
 * noise could not be approved. A document from before this was kept has its own revision.
 */
export const shownRevision = ({ shownAt, revision }: EnrolmentDocument): number => shownAt ?? revision

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
  shownAt: isDeepStrictEqual(covered(before), covered(after)) ? shownRevision(before) : before.revision + 1
})

/**
 * The parts of an enrolment that an approval covers. A check counts by its verdict. The time when the state was entered counts,
 * so that no decision is carried out in another state.
 */
const covered = (enrolment: EnrolmentDocument): unknown => {
  const { state, since, key, name, role, address, facts, preflight, joinKey, sealKey } = enrolment
  const { labels, taints, policy, credential, replaced } = enrolment
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
