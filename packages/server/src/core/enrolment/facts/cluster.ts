import { pageAt } from '@joinery/host/text/page-at'
import { isArriving, ProblemError } from '@joinery/protocol'
import type { ClusterNetwork } from '../../ports/cluster/cluster-settings.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

/**
 * True if the enrolment holds the lease of control planes: from its claim until it is ready, its attempt is over, or its
 * deadline passes. Two that join at once would change the members of etcd under each other.
 */
export const joinsNow = (enrolment: EnrolmentDocument, now: Date): boolean =>
  enrolment.role === 'control-plane' &&
  isArriving(enrolment) &&
  now < new Date(enrolment.join.attempts.at(-1)?.deadline ?? 0)

/** Throws `control-plane-busy`, and names the one that joins. The store checks this once more with the claim. */
export const requireTurn = ({ id }: EnrolmentDocument, others: readonly EnrolmentDocument[], now: Date): void => {
  const other = others.find((one) => one.id !== id && joinsNow(one, now))
  if (other !== undefined) throw busy(`${other.name} joins, and has until ${other.join.attempts.at(-1)?.deadline}`)
}

/** Makes the problem `control-plane-busy`. `others`: what keeps the control plane waiting, in words. */
export const busy = (others: string): ProblemError =>
  new ProblemError('control-plane-busy', {
    detail: `one control plane joins at a time: ${others}`,
    remedy: 'wait for the other one: joinery list --watch'
  })

/**
 * Throws `illegal-event` if a control plane has no seal key: there is nothing to seal the keys of the cluster to. The agent
 * sends it when it knows its role, just after it enrolled. An agent from before there were control planes never does.
 */
export const requireSealKey = ({ role, join: { sealKey } }: EnrolmentDocument): void => {
  if (role === 'worker' || sealKey !== undefined) return
  throw new ProblemError('illegal-event', {
    detail: 'its agent has not sent the key that the keys of the cluster would be sealed to',
    remedy: 'try again in a minute; if it never does, its agent is too old: upgrade joinery-agent on the machine'
  })
}

/**
 * Throws `no-stable-endpoint` if the cluster has none. kubeadm refuses such a join: machines would know the one address of a
 * host that may go.
 */
export const requireStableEndpoint = ({ controlPlaneEndpoint }: ClusterNetwork): void => {
  if (controlPlaneEndpoint !== undefined) return
  throw new ProblemError('no-stable-endpoint', {
    detail:
      'kubeadm lets no other control plane join: ConfigMap kube-system/kubeadm-config names no controlPlaneEndpoint',
    remedy: `give the API servers one stable name: ${pageAt('how-to/control-planes.md')} on the host of the pairing server`
  })
}

/**
 * Throws `cluster-unsafe` if there is such a binding: never mint what the cluster would approve by itself, for any name.
 * `binding`: as the port's `autoApproval` names it.
 */
export const requireSafeCluster = (binding: string | undefined): void => {
  if (binding === undefined) return
  throw new ProblemError('cluster-unsafe', {
    detail: `a bootstrap token could become any node: ${binding}`,
    remedy: 'delete that binding; to see the command: joinery cluster doctor'
  })
}

/** Seconds after which an agent that does not know the problem may claim again. Others wait until their turn has come. */
const joinsFullRetryAfter = 10

/** Words about a machine that waits: the number of machines that join, and of those that may. */
export const turnWords = ({ joining, atMost }: { joining: number; atMost: number }): string =>
  `waits for its turn: ${joining} of ${atMost} machines join`

/** Makes the problem `joins-full`. `detail`: what the machine waits for, in words. */
export const joinsFull = (detail: string): ProblemError =>
  new ProblemError('joins-full', { detail }, { retryAfter: joinsFullRetryAfter })
