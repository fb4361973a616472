import { type ClusterFacts, type OwnEnrolment, ProblemError } from '@joinery/protocol'
import { budgets } from '../../base/budgets.ts'
import type { Enrolments } from '../../commit/enrolments.ts'
import type { PollEnd, Waiting } from '../../commit/waiting.ts'
import { requireOnItsWay } from '../../enrolment/facts/attempts.ts'
import { imagesOfNewNode, isToldImages } from '../../enrolment/prefetch/images-of-new-node.ts'
import type { ReadClusterFacts } from '../../ports/cluster/cluster-facts.ts'
import type { ReadImageFacts } from '../../ports/cluster/images/image-facts.ts'
import { type Caller, readOwnView, type SeeParts, see } from './sighting.ts'

export interface WaitParts extends SeeParts {
  waiting: Waiting
}

/**
 * The caller's enrolment once its revision is another one than `after`. `nothing` if there was none within `seconds`, `ended` if another
 * poll of the key came. Throws `too-many-requests` if as many machines wait already as the server allows, and there is nothing newer.
 */
export const wait =
  (parts: WaitParts) =>
  async (
    caller: Caller,
    after: number,
    seconds: number,
    gone: AbortSignal
  ): Promise<OwnEnrolment | Exclude<PollEnd, 'changed'>> => {
    if (seconds === 0) return (await readNewer(parts, caller, after)) ?? 'nothing'
    // the poll begins before the look: a change after the look must not be missed
    const poll = parts.waiting.poll(caller.key, seconds * 1000, gone)
    try {
      const newer = await readNewer(parts, caller, after)
      if (newer !== undefined) return newer
      if (poll === undefined) {
        throw new ProblemError(
          'too-many-requests',
          { detail: 'as many machines wait already as the server allows' },
          { retryAfter: budgets.polls.fullRetryAfter }
        )
      }
      const end = await poll.over
      return end === 'changed' ? ((await readNewer(parts, caller, after)) ?? 'nothing') : end
    } finally {
      poll?.end()
    }
  }

const readNewer = async (parts: WaitParts, caller: Caller, after: number): Promise<OwnEnrolment | undefined> => {
  const enrolment = await see(parts, caller)
  // a machine that knows more than a store which went back in time must hear what that store says, too
  return enrolment.revision === after ? undefined : readOwnView(parts.machines, enrolment)
}

export interface ClusterParts {
  enrolments: Enrolments
  clusterFacts: ReadClusterFacts
  imageFacts: ReadImageFacts
}

/**
 * Gives the facts of the cluster that the machine will join. A machine whose enrolment has come to its end gets none. If its code
 * allows it, a machine that waits is also told which images new nodes run.
 */
export const cluster =
  ({ enrolments, clusterFacts, imageFacts }: ClusterParts) =>
  async ({ key }: Caller): Promise<ClusterFacts> => {
    const enrolment = await enrolments.own(key)
    requireOnItsWay(enrolment)
    const [facts, images] = await Promise.all([clusterFacts(), isToldImages(enrolment) ? imageFacts() : undefined])
    const prefetch = images === undefined ? [] : imagesOfNewNode(enrolment, images)
    return { ...facts, ...(prefetch.length > 0 && { prefetch }) }
  }
