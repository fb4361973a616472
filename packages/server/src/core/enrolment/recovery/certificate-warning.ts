import { day } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { SeenCertificate } from '../../ports/store/documents/recovery-document.ts'

/** Longest time before its end at which a certificate that was not renewed is told, in milliseconds. */
const toldBefore = 30 * day

/** Part of its lifetime that a certificate has left when the kubelet must have renewed it: it does so at 70 to 90 %. */
const lastPart = 0.1

/**
 * Warning about a kubelet's certificate that ends soon and was not renewed, with the reason if the cluster shows it. Undefined
 * if nothing is wrong, or if the server never saw a certificate of the Node. `csrs`: requests by the Node for its certificate.
 */
export const certificateWarning = (
  seen: SeenCertificate | undefined,
  node: Pick<ClusterNode, 'ready'>,
  csrs: readonly Csr[],
  now: Date
): string | undefined => {
  if (seen === undefined) return undefined
  const end = Date.parse(seen.notAfter)
  const left = end - now.getTime()
  if (left > Math.min(toldBefore, (end - Date.parse(seen.notBefore)) * lastPart)) return undefined
  const when = left > 0 ? `ends at ${seen.notAfter}` : `ended at ${seen.notAfter}`
  return `its kubelet's certificate ${when}, and was not renewed: ${reason(node, csrs)}`
}

const reason = ({ ready }: Pick<ClusterNode, 'ready'>, csrs: readonly Csr[]): string => {
  const last = csrs.toSorted((one, other) => one.created.getTime() - other.created.getTime()).at(-1)
  if (last?.denied) return `its request ${last.name} was denied`
  if (last?.approved && last.certificate === undefined) {
    return `its request ${last.name} is approved, and the signer of kube-controller-manager issues no certificate`
  }
  if (last !== undefined && !last.approved) return `its request ${last.name} waits for an approval`
  if (ready !== 'True') return 'its kubelet does not report, so it is off or cut off'
  return 'its kubelet asks for none, so rotateCertificates may be off'
}
