import { type ApproveRequest, type Enrolment, isRecovering, ProblemError } from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import { type Asker, settling } from '../../enrolment/decision/decision.ts'
import { decideApprove } from '../../enrolment/verbs/approve.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { findEnrolment } from './find-enrolment.ts'
import { type GiveNameParts, giveName, requirePossible } from './give-name.ts'
import { type MakeRoomParts, makeRoom } from './make-room.ts'
import { readView } from './read-view.ts'

export interface ApproveParts extends GiveNameParts, MakeRoomParts {
  cluster: GiveNameParts['cluster'] & MakeRoomParts['cluster']
  clock: Clock
  /** True if nothing may change: see `trying`. */
  onlyTried?: true
}

/**
 * Approves what was shown. `replace`: the Node of the name makes room first, with its enrolment; the call may be repeated until
 * the name is free. The same approval again returns the one that is there. Throws `name-in-use`, `revision-changed`,
 * `illegal-event`, `credential-unavailable`, `no-stable-endpoint`, `cluster-unavailable`.
 */
export const approve =
  (parts: ApproveParts) =>
  async (reference: string, shown: ApproveRequest, asker: Asker = {}): Promise<Enrolment> => {
    if (parts.onlyTried && shown.replace !== undefined) throw noReplaceTried()
    const found = await findEnrolment(parts.store, reference)
    const { preflight } = await parts.machines.withCheck(found)
    const decideAs = (seen: ApproveRequest) =>
      settling(asker, (enrolment: EnrolmentDocument, now: Date) => decideApprove(enrolment, seen, preflight, now))
    // what is not possible anyway is said before the cluster is asked, and before a Node goes
    if (decideAs(shown)(found, parts.clock.now()) === undefined) return readView(parts, found)
    // the name is its own already, and its Node is there
    if (isRecovering(found)) return readView(parts, await parts.enrolments.change(found.id, decideAs(shown)))
    await requirePossible(parts, found)
    if (shown.replace === undefined) return giveName(parts, found, decideAs(shown))
    const room = await makeRoom(parts, found, { ...shown, replace: shown.replace }, asker)
    return giveName(parts, room.enrolment, decideAs(room.shown))
  }

/** A replacement needs its Node to be gone before the name is given, so nothing can tell beforehand how it ends. */
const noReplaceTried = (): ProblemError =>
  new ProblemError('invalid-request', { detail: 'there is no dry run of an approval that takes the place of a Node' })
