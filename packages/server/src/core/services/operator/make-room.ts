import type { ApproveRequest } from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import { roomReason } from '../../credentials/ban-reason.ts'
import { type Asker, makingRoom, signed } from '../../enrolment/decision/decision.ts'
import { shownRevision } from '../../enrolment/facts/shown-revision.ts'
import { holderOf, othersThan } from '../../enrolment/name/whose-name.ts'
import { decideRemove, requireDeletable } from '../../enrolment/verbs/remove.ts'
import { decideReplace, requireSameNode } from '../../enrolment/verbs/replace.ts'
import type { Cluster } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { findNode } from './holder.ts'
import { type TakeAwayParts, takeAway } from './take-away.ts'

export interface MakeRoomParts extends TakeAwayParts {
  cluster: Cluster
  clock: Clock
}

type ReplaceRequest = ApproveRequest & Required<Pick<ApproveRequest, 'replace'>>

/**
 * Takes the Node that was shown out of the way of the enrolment. If the Node is gone already, that is success. The labels and
 * taints that go over to the new machine are durable before. Returns the enrolment, and what is shown of it, as they are now.
 */
export const makeRoom = async (
  parts: MakeRoomParts,
  found: EnrolmentDocument,
  shown: ReplaceRequest,
  asker: Asker
): Promise<{ enrolment: EnrolmentDocument; shown: ApproveRequest }> => {
  const { id, name } = found
  const { store, cluster, clock, enrolments } = parts
  const node = await findNode(cluster, name)
  if (node === undefined) return { enrolment: found, shown }
  requireSameNode(node, shown.replace.uid)
  const holder = holderOf(othersThan(found, await store.enrolmentsByName(name)))
  requireDeletable(holder, node, holder && `joinery approve ${id} --replace`)
  // what would not be possible afterwards is said before anything goes; no third enrolment can hold the name
  if (holder !== undefined) decideRemove(holder, clock.now())
  const enrolment = await enrolments.change(
    id,
    makingRoom(asker, (current, now) => decideReplace(current, shown, node, now))
  )
  if (holder === undefined) {
    await cluster.ban(name, roomReason(id))
    await cluster.deleteNode(node)
  } else {
    await takeAway(parts, await enrolments.change(holder.id, (one, now) => signed(asker, decideRemove(one, now))), node)
  }
  return { enrolment, shown: { ...shown, revision: shownRevision(enrolment) } }
}
