import { minute } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { ClusterNode } from '../../cluster/cluster.ts'

/** The Lease of a Node, by which one sees whether its kubelet is alive. */
export interface LeaseSight {
  /** When the kubelet renewed it last. Undefined if it never did, or if there is no Lease. */
  renewed?: Date
  /** Time in seconds for which a renewal holds, as the kubelet says. */
  seconds?: number
}

/**
 * Table of how long the word of a kubelet holds, each with its source in Kubernetes 1.37.
 *
 * - leaseSeconds: `nodeLeaseDurationSeconds` of the kubelet, if its Lease names none.
 * - leaseFactor: the node lifecycle controller waits 50 s by default (`--node-monitor-grace-period`), for a Lease of 40 s.
 * - noticed: 50 s, and as long again for a controller that has just started, or is slow.
 * - fresh: a Node that became Ready since then has a kubelet that said so.
 */
export const heardTable = { leaseSeconds: 40, leaseFactor: 1.25, noticed: 2 * minute, fresh: minute } as const

/** State of the kubelet of a Node that the cluster calls Ready, as far as it is known. */
export type Heard =
  /** It is alive. */
  | 'heard'
  /** It renews its Lease no more. */
  | 'silent'
  /** It may have ended just now, and the cluster has not noticed yet. */
  | 'not-known-yet'

/**
 * Judges a Node that the cluster calls Ready. `lease`: undefined if nobody looked at it. `firstAsk`: when somebody first said that this
 * kubelet has no certificate. A kubelet that ended before that is silent soon after. So if the Node stays Ready, another kubelet is
 * heard. All times are by the clock of the cluster.
 */
export const judgeHeard = (
  { since }: Pick<ClusterNode, 'since'>,
  { lease, firstAsk }: { lease?: LeaseSight | undefined; firstAsk?: Date | undefined },
  now: Date
): Heard => {
  if (isLeaseOver(lease, now)) return 'silent'
  const age = (time: Date): number => now.getTime() - time.getTime()
  if (since !== undefined && age(since) < heardTable.fresh) return 'heard'
  return firstAsk !== undefined && age(firstAsk) >= heardTable.noticed ? 'heard' : 'not-known-yet'
}

/** A time in the future renews nothing: the clock of the machine ran ahead once. */
const isLeaseOver = ({ renewed, seconds = heardTable.leaseSeconds }: LeaseSight = {}, now: Date): boolean =>
  renewed !== undefined && Math.abs(now.getTime() - renewed.getTime()) > seconds * 1000 * heardTable.leaseFactor

/** Words for an operator about the Lease: when it was renewed, or why that is not known. */
export const leaseWords = (lease: LeaseSight | undefined): string =>
  lease === undefined ? 'not looked at (diagnosis: off)' : (lease.renewed?.toISOString() ?? 'never renewed')

/** The Lease as the port shows it. */
export const leaseSight = ({ renewed, leaseSeconds }: { renewed?: Date; leaseSeconds?: number }): LeaseSight =>
  given({ renewed, seconds: leaseSeconds })
