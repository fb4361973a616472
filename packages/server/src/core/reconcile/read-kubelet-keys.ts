import { second } from '@joinery/protocol'
import { cached } from '../base/cached.ts'
import type { Monotonic } from '../base/clock.ts'
import { parseCsrRequest } from '../enrolment/csr/csr-request.ts'
import { isOpen } from '../enrolment/serving/decide-serving-csrs.ts'
import type { ClusterSettings } from '../ports/cluster/cluster-settings.ts'
import type { Csr } from '../ports/cluster/csrs.ts'
import { isUsual, type KubeletKeys, kubeletKeys, usualKeys } from '../ports/cluster/kubelet-keys.ts'

/** Gives the keys that the cluster's kubelets make, for a judgement of these requests. Throws `cluster-unavailable`. */
export type ReadKubeletKeys = (csrs: readonly Csr[]) => Promise<KubeletKeys>

/**
 * A denial cannot be taken back, and whoever changes kubelet-config starts a machine right after. So the answer is fresh, and thousands of
 * requests still share it.
 */
const lifetime = second

/** readKubeletKeys asks the cluster only if an open request is by a key that not every kubelet makes. */
export const readKubeletKeys = (
  cluster: Pick<ClusterSettings, 'nodeConfiguration'>,
  monotonic: Monotonic
): ReadKubeletKeys => {
  const read = cached(async () => kubeletKeys((await cluster.nodeConfiguration()).kubelet), monotonic, {
    value: lifetime,
    failure: lifetime
  })
  return async (csrs) => (csrs.some((csr) => isOpen(csr) && isByOtherKey(csr)) ? read() : usualKeys)
}

const isByOtherKey = ({ request }: Csr): boolean => {
  const key = parseCsrRequest(request)?.key
  return key !== undefined && !isUsual(key)
}
