import { isDeepStrictEqual } from 'node:util'
import type { EnrolmentDocument } from '../../store/store.ts'

/**
 * What operators are shown as the revision, and an approval or retry covers: that of the last change of anything which such a
 * decision rests on. A check whose words change at each look, a stage line or an alert is none, else whoever makes noise could
 * not be approved. A document of before this was kept has its own revision.
 */
export const shownRevision = ({ shownAt, revision }: EnrolmentDocument): number => shownAt ?? revision

/** `after`, which is to be written over `before`, with the revision by which it is to be shown. */
export const withShown = (before: EnrolmentDocument, after: EnrolmentDocument): EnrolmentDocument => ({
  ...after,
  shownAt: isDeepStrictEqual(covered(before), covered(after)) ? shownRevision(before) : before.revision + 1
})

/** Of a check its verdict counts; when the state was entered counts, so that no decision is carried out in another one. */
const covered = (enrolment: EnrolmentDocument): unknown => {
  const { state, since, key, name, role, address, facts, preflight, joinKey, sealKey } = enrolment
  const { labels, taints, policy, credential, replaced } = enrolment
  const verdicts = preflight.map(({ name, verdict, ignored }) => [name, verdict, ignored])
  const evidence = { key, name, role, address, facts, verdicts, joinKey, sealKey: sealKey?.split('.')[1] }
  return { state, since, ...evidence, labels, taints, policy, credential, replaced }
}
