import type { Enrolment } from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import { type Asker, settling } from '../../enrolment/decision/decision.ts'
import { claimantOf, othersThan } from '../../enrolment/name/whose-name.ts'
import { decideRemove, requireDeletable } from '../../enrolment/verbs/remove.ts'
import { findEnrolment } from './find-enrolment.ts'
import { findNode } from './holder.ts'
import { readView, type ViewParts } from './read-view.ts'
import { type TakeAwayParts, takeAway } from './take-away.ts'

export interface RemoveParts extends ViewParts, TakeAwayParts {
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
    const node = found.attempts.length === 0 ? undefined : await findNode(cluster, found.name)
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
