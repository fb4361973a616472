import { isArriving, ProblemError } from '@joinery/protocol'
import type { ClusterNetwork } from '../../cluster/cluster.ts'
import type { EnrolmentDocument } from '../../store/store.ts'

/**
 * It holds the lease of control planes: from its claim until it is ready, or its attempt is over, or its deadline. Two that
 * join at once would change the members of etcd under each other.
 */
export const joinsNow = (enrolment: EnrolmentDocument, now: Date): boolean =>
  enrolment.role === 'control-plane' &&
  isArriving(enrolment) &&
  now < new Date(enrolment.attempts.at(-1)?.deadline ?? 0)

/** Throws `control-plane-busy`, with the one that joins. The store decides it once more with the claim. */
export const requireTurn = ({ id }: EnrolmentDocument, others: readonly EnrolmentDocument[], now: Date): void => {
  const other = others.find((one) => one.id !== id && joinsNow(one, now))
  if (other !== undefined) throw busy(`${other.name} joins, and has until ${other.attempts.at(-1)?.deadline}`)
}

/** `others`: what keeps it waiting. */
export const busy = (others: string): ProblemError =>
  new ProblemError('control-plane-busy', {
    detail: `one control plane joins at a time: ${others}`,
    remedy: 'wait for the other one: joinery list --watch'
  })

/**
 * Without it there is nothing to seal the keys of the cluster to. The agent sends it when it knows its role, just after it
 * enrolled; one of before there were control planes never does.
 */
export const requireSealKey = ({ role, sealKey }: EnrolmentDocument): void => {
  if (role === 'worker' || sealKey !== undefined) return
  throw new ProblemError('illegal-event', {
    detail: 'its agent has not sent the key that the keys of the cluster would be sealed to',
    remedy: 'try again in a minute; if it never does, its agent is too old: upgrade joinery-agent on the machine'
  })
}

/** kubeadm refuses it: machines would know the one address of a host that may go. */
export const requireStableEndpoint = ({ controlPlaneEndpoint }: ClusterNetwork): void => {
  if (controlPlaneEndpoint !== undefined) return
  throw new ProblemError('no-stable-endpoint', {
    detail:
      'kubeadm lets no other control plane join: ConfigMap kube-system/kubeadm-config names no controlPlaneEndpoint',
    remedy: 'give the API servers one stable name: docs/how-to/control-planes.md, before the first one'
  })
}
