import type { Connection } from '@joinery/kube'
import { inPages, refusalOf } from '@joinery/kube'
import { csrApprovalPolicy, csrSelector } from '@joinery/kube/names'
import type { V1CertificateSigningRequest } from '@kubernetes/client-node'
import type { Probe } from './probe.ts'

/** Probes of the policy for approvals. They need a request that waits: there are none if no request waits. */
export const approvalProbes = async (api: Connection): Promise<Probe[]> => {
  const csrs = await inPages(
    (page) => api.certificates.listCertificateSigningRequest({ fieldSelector: csrSelector, ...page }),
    (csr) => ((csr.status?.conditions ?? []).length === 0 ? csr : undefined)
  )
  const waiting = csrs.find((csr) => csr !== undefined)
  return waiting === undefined ? [] : [probeOn(waiting)]
}

const probeOn = (csr: V1CertificateSigningRequest): Probe => ({
  what: 'an approval for another reason than its own',
  refusedBy: csrApprovalPolicy,
  ask: (server) => {
    const condition = { type: 'Approved', status: 'True', reason: 'DryRun', message: 'dry run of joinery-server' }
    // whatever state the CSR is in by now
    const { resourceVersion: _, ...metadata } = csr.metadata ?? {}
    const body = { ...csr, metadata, status: { ...csr.status, conditions: [condition] } }
    const name = csr.metadata?.name ?? ''
    return refusalOf(() => server.certificates.replaceCertificateSigningRequestApproval({ name, body, dryRun: 'All' }))
  }
})
