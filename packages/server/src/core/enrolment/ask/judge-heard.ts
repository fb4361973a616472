import { minute } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'

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
 * - again: time after which the machine asks again. The controller has noticed by then as a rule.
 */
export const heardTable = { leaseSeconds: 40, leaseFactor: 1.25, noticed: 2 * minute, again: minute } as const

/** State of the kubelet of a Node that the cluster calls Ready, as far as it is known. */
export type Heard =
  /** It is alive. */
  | 'heard'
  /** It renews its Lease no more. */
  | 'silent'
  /** It may have ended just now, and the cluster has not noticed yet. */
  | 'not-known-yet'

/** Signs of life of a kubelet whose Node the cluster calls Ready. All times are by the clock of the cluster. */
export interface HeardSight {
  /** The Lease of the Node. Undefined if nobody looked at it. */
  lease?: LeaseSight | undefined
  /** Time at which somebody first said that this kubelet has no certificate. */
  firstAsk?: Date | undefined
  /** True if the Node was not Ready when the way back was taken. */
  becameReady?: boolean
}

/**
 * Judges a Node that the cluster calls Ready. A kubelet that ended before `firstAsk` is silent soon after. So if the Node stays
 * Ready, another kubelet is heard. That it became Ready a moment ago proves nothing: a power cut right after a join takes what was
 * not on the disk yet, and the machine asks within seconds.
 */
export const judgeHeard = ({ lease, firstAsk, becameReady = false }: HeardSight, now: Date): Heard => {
  if (isLeaseOver(lease, now)) return 'silent'
  const isNoticed = firstAsk !== undefined && now.getTime() - firstAsk.getTime() >= heardTable.noticed
  return becameReady || isNoticed ? 'heard' : 'not-known-yet'
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
