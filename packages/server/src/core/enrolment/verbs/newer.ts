import { isLive, next, ProblemError } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

/**
 * Throws if a machine has a newer enrolment than the one that an operator wants to bring back. The calls of a key go to its
 * newest one, so the older one would wait for its machine for good.
 */
export const requireNoNewer = (newer: EnrolmentDocument | undefined): void => {
  if (newer === undefined) return
  const { id, name, state } = newer
  const detail = `the same machine has enrolled again since: ${id} (${state})`
  if (isLive(newer)) {
    throw new ProblemError('already-enrolled', { detail, remedy: `decide about that one: joinery show ${id}` })
  }
  const remedy =
    next(state, 'retry') === undefined
      ? `give the machine a new code: joinery code create --name ${name}`
      : `retry that one: joinery retry ${id}`
  throw new ProblemError('illegal-event', { detail, remedy })
}
