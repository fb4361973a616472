import type { Enrolment } from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import type { Decide, Enrolments } from '../../commit/enrolments.ts'
import type { TakingAway } from '../../credentials/cluster-guard.ts'
import type { Credentials } from '../../credentials/credentials.ts'
import { takeAwayNode } from '../../credentials/take-away-node.ts'
import { type Asker, settling } from '../../enrolment/decision/decision.ts'
import { claimantOf, othersThan } from '../../enrolment/name/whose-name.ts'
import { decideNode } from '../../enrolment/node/decide-node.ts'
import { decideReject } from '../../enrolment/verbs/reject.ts'
import { decideRelease } from '../../enrolment/verbs/release.ts'
import { decideRemove, requireDeletable } from '../../enrolment/verbs/remove.ts'
import type { ClusterNode, Nodes } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import type { Store } from '../../ports/store/store.ts'
import { findEnrolment, findNode, readView, type ViewParts } from './reading.ts'

/** Rejects an enrolment, with the reason that its machine is told. Throws `illegal-event`. */
export const reject =
  (parts: SettleParts) =>
  (reference: string, reason: string, asker: Asker = {}): Promise<Enrolment> =>
    changeAndSettle(
      parts,
      reference,
      settling(asker, (enrolment, now) => decideReject(enrolment, reason, now))
    )

/** Ends a freeze, by the key that is right. Throws `illegal-event`, `not-found` and `already-enrolled`. */
export const release =
  (parts: SettleParts) =>
  async (reference: string, key: string, asker: Asker = {}): Promise<Enrolment> => {
    const newest = await parts.store.enrolmentByKey(key)
    return changeAndSettle(
      parts,
      reference,
      settling(asker, (enrolment, now) => decideRelease(enrolment, key, newest, now))
    )
  }

export interface RemoveParts extends ViewParts, TakeAwayParts {
  cluster: Pick<Nodes, 'nodes'>
  clock: Clock
  /** Makes the reconciler look at the cluster now. */
  nudge: () => void
  /** True if nothing may change: see `trying`. */
  onlyTried?: true
}

/**
 * Bans the name and deletes the Node. The Node of a control plane must be gone already. The removal is durable when this
 * returns: what the cluster does not do now, the reconciler does. Throws `illegal-event`, and `cluster-unavailable`, after
 * which nothing has changed.
 */
export const remove =
  (parts: RemoveParts) =>
  async (reference: string, asker: Asker = {}): Promise<Enrolment> => {
    const { store, cluster, clock, enrolments, nudge } = parts
    const found = await findEnrolment(store, reference)
    // what is not possible anyway is said before the cluster is asked
    decideRemove(found, clock.now())
    const node = found.join.attempts.length === 0 ? undefined : await findNode(cluster, found.name)
    // if another machine has the name by now, nothing of it is taken away
    if (node !== undefined && claimantOf(othersThan(found, await store.enrolmentsByName(found.name))) === undefined) {
      requireDeletable(found, node, `joinery remove ${found.id}`)
    }
    const removed = await enrolments.change(found.id, settling(asker, decideRemove))
    if (parts.onlyTried) return readView(parts, removed)
    const after = await takeAway(parts, removed, node).catch(() => {
      nudge()
      return removed
    })
    return readView(parts, after)
  }

export interface SettleParts extends ViewParts {
  enrolments: Pick<Enrolments, 'change'>
  credentials: Pick<Credentials, 'settleSoon'>
}

/** Commits what is decided of the enrolment, and settles what it may no longer have. */
const changeAndSettle = async (parts: SettleParts, reference: string, decide: Decide): Promise<Enrolment> => {
  const { id } = await findEnrolment(parts.store, reference)
  const enrolment = await parts.enrolments.change(id, decide)
  await parts.credentials.settleSoon(enrolment)
  return readView(parts, enrolment)
}

export interface TakeAwayParts {
  store: Store
  takingAway: TakingAway
  enrolments: Pick<Enrolments, 'change'>
  credentials: Pick<Credentials, 'settle'>
}

/** Takes away what an enrolment that was removed has in the cluster: its credentials, and its Node. */
export const takeAway = async (
  { store, takingAway, enrolments, credentials }: TakeAwayParts,
  removed: EnrolmentDocument,
  node: ClusterNode | undefined
): Promise<EnrolmentDocument> => {
  await credentials.settle(removed)
  if (node !== undefined) await takeAwayNode({ store, takingAway }, removed, node)
  return enrolments.change(removed.id, (current, now) => decideNode(current, undefined, now))
}
