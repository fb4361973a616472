import { attemptLifetime } from '@joinery/protocol'
import type { AttemptDocument, EnrolmentDocument } from '../store/store.ts'

/** The attempt that is open: there is one in `joining` and in no other state. */
export const openAttempt = (enrolment: EnrolmentDocument): AttemptDocument | undefined =>
  enrolment.state === 'joining' ? enrolment.attempts.at(-1) : undefined

export const newAttempt = (enrolment: EnrolmentDocument, tokenId: string, now: Date): AttemptDocument => ({
  number: enrolment.attempts.length + 1,
  tokenId,
  claimed: now.toISOString(),
  deadline: new Date(now.getTime() + attemptLifetime).toISOString(),
  refusedCsrs: []
})

/** The enrolment with a part of the attempt of that number changed. */
export const withAttempt = (
  enrolment: EnrolmentDocument,
  number: number,
  part: Partial<AttemptDocument>
): EnrolmentDocument => ({
  ...enrolment,
  attempts: enrolment.attempts.map((attempt) => (attempt.number === number ? { ...attempt, ...part } : attempt))
})

/** Attempts whose Secret must be gone and is not known to be. */
export const leftoverTokens = (enrolment: EnrolmentDocument): AttemptDocument[] => {
  const open = openAttempt(enrolment)
  return enrolment.attempts.filter((attempt) => attempt !== open && !attempt.tokenDeleted)
}
