import { asksOperator, awaitsNode, toleranceOf } from '@joinery/protocol/browser'
import type { SeenEnrolment, SeenEnrolmentDetail } from '../../contract.ts'

/** What the etcd of the cluster tolerates once this control plane is there. */
export const EtcdWords = ({ of }: { of: SeenEnrolment | SeenEnrolmentDetail }) => {
  const { controlPlanes, etcd } = of as SeenEnrolmentDetail
  if (!asksOperator(of) && !awaitsNode(of)) return null
  if (etcd === 'external') return <p>etcd is external, and gets no member by this control plane.</p>
  if (controlPlanes === undefined || etcd === undefined) return null
  return <p>Afterwards: {toleranceOf(controlPlanes + 1)}.</p>
}
