import { isDeepStrictEqual } from 'node:util'
import { CommandEnd } from '@joinery/host/command-end'
import { hasClaimed, next } from '@joinery/protocol'
import type { OperatorClient, SeenEnrolment, SeenEnrolmentDetail } from '../operator-client.ts'
import { exitCodes, ProblemAnswer } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

/**
 * Milliseconds between two looks whether the name is free, and the number of looks. Kubernetes takes a minute or two.
 */
const pause = 2_000
const looks = 90

/** The evidence has changed while the approval waited. */
export class EvidenceChanged extends CommandEnd {}

/** The other enrolment that has brought a Node of the name, and that must go before the name is free. */
export const formerOf = <T extends Pick<SeenEnrolment, 'id' | 'name' | 'state'>>(
  { id, name }: Pick<SeenEnrolment, 'id' | 'name'>,
  all: readonly T[]
): T | undefined =>
  all.find(
    (other) => other.id !== id && other.name === name && next(other.state, 'remove') !== undefined && hasClaimed(other)
  )

export interface ApproveParts extends Pick<Terminal, 'pause'> {
  client: Pick<OperatorClient, 'approve' | 'holder' | 'show'>
  /** Says why the approval waits. */
  tellWait(why: string): void
}

/** Approves once the name is free. The Pods of a deleted Node go a while after it. `uid`: the Node that the server must delete. */
export const approveWhenFree = async (
  shown: SeenEnrolmentDetail,
  uid: string | undefined,
  parts: ApproveParts
): Promise<SeenEnrolment> => {
  const { client, tellWait } = parts
  const { id, key } = shown
  let { revision } = shown
  let before: Left = 'pods'
  for (let look = 1; ; look += 1) {
    try {
      return await client.approve(id, { revision, key, ...(uid !== undefined && { replace: { uid } }) })
    } catch (error) {
      const left = await whatIsLeft(error, id, client)
      // the last Pod may have gone a moment ago, and then the name is free
      if (look === looks || left === 'others' || (left === 'nothing' && before === 'nothing')) throw error
      before = left
      if (look === 1) tellWait((error as Error).message)
    }
    await parts.pause(pause)
    const seen = await client.show(id)
    requireSame(shown, seen)
    revision = seen.revision
  }
}

/** Reason why a name was not free: the Pods of the Node that went, something else, or nothing that is still there. */
type Left = 'pods' | 'nothing' | 'others'

const whatIsLeft = async (error: unknown, id: string, client: ApproveParts['client']): Promise<Left> => {
  if (!(error instanceof ProblemAnswer) || error.code !== 'name-in-use') return 'others'
  const { node, pods } = await client.holder(id)
  if (node !== undefined) return 'others'
  return pods.length > 0 ? 'pods' : 'nothing'
}

/**
 * Throws if the evidence has changed since it was shown. The revision does not count: the server itself changes it when
 * it writes the labels and taints that go over.
 */
const requireSame = (shown: SeenEnrolmentDetail, seen: SeenEnrolmentDetail): void => {
  if (isDeepStrictEqual(evidenceOf(shown), evidenceOf(seen))) return
  throw new EvidenceChanged(
    exitCodes.conflict,
    `the evidence of ${shown.name} has changed since it was shown`,
    `look again: joinery show ${shown.id}`
  )
}

const evidenceOf = (enrolment: SeenEnrolmentDetail) => {
  const { name, role, credential, key, joinKey, sealKey, address, facts, preflight } = enrolment
  const { conflicts, conflictCount } = enrolment
  // a check may word its finding differently at each look
  const checks = preflight.map(({ name, verdict }) => ({ name, verdict }))
  return { name, role, credential, key, joinKey, sealKey, address, facts, conflicts, conflictCount, checks }
}
