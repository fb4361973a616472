import { ownCsrPrefix } from '@joinery/kube/names'
import { ownCsrObject } from '@joinery/server/testing/kubernetes'
import type { Bystanders, CsrObject } from './bystanders.ts'
import { byPlugin, byPolicy, csrsPath, type Forbidden, invalid, mergePatch, unauthorized } from './forbidden.ts'

const unasked = byPolicy('joinery-csrs')
const unapproved = byPolicy('joinery-csr-approvals')
const notItsSigner = byPlugin('user not permitted to approve requests with signerName')
/** Fields by which a request stays, or goes when something else does. */
const kept = {
  finalizers: ['example.org/kept'],
  ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'default', uid: '1' }]
}
const pathOf = ({ metadata }: CsrObject, subresource = '') => `${csrsPath}/${metadata.name}${subresource}`

/**
 * The server asks for, approves and deletes client certificates of kubelets alone, those of its own credentials; `serving`:
 * it also approves what a node asks for to serve with.
 */
export const serverCsrs = (bystanders: Bystanders, request: string, serving: boolean): Forbidden[] => {
  const { apiServerClient, kubeletServing, kubelet, own, joining } = bystanders.csrs
  const { spec, ...object } = ownCsrObject({ name: `${ownCsrPrefix}dry-run`, request })
  const make = (what: string, differs: Partial<typeof spec>, name = object.metadata.name): Forbidden =>
    unasked(what, 'POST', csrsPath, { body: { ...object, metadata: { name }, spec: { ...spec, ...differs } } })
  const judged = (csr: CsrObject, type = 'Approved', reason = 'JoineryApproved') => ({
    body: { ...csr, status: { conditions: [{ type, status: 'True', reason, message: 'dry run' }] } }
  })
  const denied = (csr: CsrObject, reason = 'JoineryDenied') => judged(csr, 'Denied', reason)
  const { expirationSeconds: _, ...unbounded } = spec
  return [
    make('ask for a client certificate of the API server', { signerName: 'kubernetes.io/kube-apiserver-client' }),
    make("ask for a kubelet's serving certificate", {
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth']
    }),
    make("ask for a certificate of somebody's own signer", { signerName: 'example.org/any' }),
    invalid('the legacy signerName is not allowed')('ask the signer of before there were signers', 'POST', csrsPath, {
      body: { ...object, spec: { ...spec, signerName: 'kubernetes.io/legacy-unknown' } }
    }),
    make('ask for a certificate of a year', { expirationSeconds: 365 * 24 * 3600 }),
    unasked('ask for a certificate without a bound', 'POST', csrsPath, { body: { ...object, spec: unbounded } }),
    make('ask for a certificate of servers', { usages: [...spec.usages, 'server auth'] }),
    ...Object.entries(kept).map(([field, value]) =>
      unasked(`make a request with ${field}`, 'POST', csrsPath, {
        body: { ...object, metadata: { ...object.metadata, [field]: value }, spec }
      })
    ),
    make("ask by a name that is not like its own CSRs'", {}, 'any'),

    notItsSigner(
      'approve a client certificate of the API server',
      'PUT',
      pathOf(apiServerClient, '/approval'),
      judged(apiServerClient)
    ),
    (serving ? unapproved : notItsSigner)(
      'approve a serving certificate that no node asked for',
      'PUT',
      pathOf(kubeletServing, '/approval'),
      judged(kubeletServing)
    ),
    unapproved("approve what is by nobody of Joinery's", 'PUT', pathOf(kubelet, '/approval'), judged(kubelet)),
    unapproved("deny what is by nobody of Joinery's", 'PUT', pathOf(kubelet, '/approval'), denied(kubelet)),
    unapproved('deny its own request', 'PUT', pathOf(own, '/approval'), denied(own)),
    (serving ? unapproved : notItsSigner)(
      'deny a request for a serving certificate',
      'PUT',
      pathOf(kubeletServing, '/approval'),
      denied(kubeletServing)
    ),
    ...Object.entries(kept).map(([field, value]) =>
      unapproved(`give a request ${field} as it approves it`, 'PUT', pathOf(own, '/approval'), {
        body: { ...judged(own).body, metadata: { ...own.metadata, [field]: value } }
      })
    ),
    unapproved('deny in the name of somebody else', 'PUT', pathOf(joining, '/approval'), denied(joining, 'Any')),
    unapproved('fail a request', 'PUT', pathOf(joining, '/approval'), judged(joining, 'Failed', 'JoineryDenied')),
    unapproved('approve in the name of somebody else', 'PUT', pathOf(own, '/approval'), judged(own, 'Approved', 'Any')),
    unauthorized('issue a certificate', 'PUT', pathOf(own, '/status')),
    unauthorized('update a request', 'PUT', pathOf(own)),
    unauthorized('patch a request', 'PATCH', pathOf(own), mergePatch({ metadata: { labels: { a: 'b' } } })),
    unauthorized('patch an approval', 'PATCH', pathOf(own, '/approval'), mergePatch({ status: {} })),
    unasked('delete the request of somebody else', 'DELETE', pathOf(kubelet)),
    unauthorized('delete all requests at once', 'DELETE', csrsPath)
  ]
}
