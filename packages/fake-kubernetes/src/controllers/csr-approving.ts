import type { Asked, Verdict } from '../identity/user.ts'
import type { Objects } from '../objects/objects.ts'
import { addCondition, type Csr, csrs, faultOf, hasCondition, kubeletClient, requestOf } from './csrs.ts'

/** Approves the kubelets' requests whose authors may have them without a person (pkg/controller/certificates/approver). */
export const csrApproving = (objects: Objects, now: () => Date, authorize: (asked: Asked) => Verdict) => (): void => {
  for (const csr of objects.list<Csr>(csrs)) {
    if (csr.spec.signerName !== kubeletClient || hasCondition(csr, 'Approved', 'Denied')) continue
    const request = requestOf(csr)
    if (request === undefined || faultOf(csr, request) !== undefined) continue
    const may = (subresource: string): boolean => authorize(asked(csr, subresource)).allowed
    const isOwn = request.commonName === csr.spec.username && may('selfnodeclient')
    if (!isOwn && !may('nodeclient')) continue
    const message = `Auto approving ${isOwn ? 'self ' : ''}kubelet client certificate after SubjectAccessReview.`
    addCondition(objects, csr, now(), 'Approved', 'AutoApproved', message)
  }
}

const about = { verb: 'create', group: csrs.group, version: '*', resource: csrs.plural, namespace: '', name: '' }

const asked = ({ spec: { username = '', uid = '', groups = [], extra = {} } }: Csr, subresource: string): Asked => ({
  ...about,
  subresource,
  user: { username, uid, groups, extra }
})
