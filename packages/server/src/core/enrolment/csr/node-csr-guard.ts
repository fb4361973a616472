import { nodesGroup, nodeUsername } from '@joinery/kube/names'
import { next, renewsByItself } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/cluster.ts'
import type { AttemptDocument, EnrolmentDocument } from '../../ports/store/store.ts'
import { isKubeletCsr, refusalsKept } from './csr-guard.ts'

/**
 * - note: a CSR by the node that the attempt's certificate speaks for; the cluster approves it by itself, the server never does
 * - foreign-name: a CSR by that node too, for what a kubelet of its name does not ask for; freezes
 * - leave: a CSR that is not of this attempt, or that is noted already
 */
export type NodeCsrVerdict = 'note' | 'foreign-name' | 'leave'

/**
 * Judges a CSR against the last attempt that got a certificate. A CSR that came before that certificate was asked for is an
 * earlier node's. Both times are the API server's. Default: leave alone.
 */
export const judgeNodeCsr = (csr: Csr, enrolment: EnrolmentDocument, attempt: AttemptDocument): NodeCsrVerdict => {
  const { issued, kubeletCsrs = [], refusedCsrs } = attempt
  if (csr.username !== nodeUsername(enrolment.name) || csr.denied || renewsByItself(enrolment)) return 'leave'
  if (issued === undefined || csr.created < new Date(issued.since)) return 'leave'
  if (refusedCsrs.includes(csr.uid) || kubeletCsrs.some(({ uid }) => uid === csr.uid)) return 'leave'
  if (isKubeletCsr(csr, enrolment.name, nodesGroup)) return kubeletCsrs.length >= refusalsKept ? 'leave' : 'note'
  const full = refusedCsrs.length >= refusalsKept
  return full && next(enrolment.state, 'conflict') === undefined ? 'leave' : 'foreign-name'
}
