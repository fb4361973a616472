import type { ApiRequest } from '@joinery/testing/cluster/world/api-client'

/** One request and its refusal. */
export interface Forbidden extends ApiRequest {
  /** What it would be, after "cannot". */
  what: string
  refusal: { status: number; message: RegExp | string }
}

type More = Pick<ApiRequest, 'body' | 'type' | 'headers'>
type Refused = (what: string, method: string, path: string, more?: More) => Forbidden

const refusedBy =
  (refusal: Forbidden['refusal']): Refused =>
  (what, method, path, more = {}) => ({ what, method, path, ...more, refusal })

/** By the authorizers, RBAC and that of nodes: whatever the object, before it is looked for. */
export const unauthorized = refusedBy({ status: 403, message: /forbidden: User "[^"]+" cannot / })

/** By one of the admission policies that `joinery-server setup` makes. */
export const byPolicy = (policy: string): Refused =>
  refusedBy({ status: 422, message: `ValidatingAdmissionPolicy '${policy}'` })

/** By an admission plugin of the API server's own, which is known by its words. */
export const byPlugin = (words: string): Refused => refusedBy({ status: 403, message: words })

/** By the validation of the object. */
export const invalid = (words: string): Refused => refusedBy({ status: 422, message: words })

export const mergePatch = (body: object): More => ({ body, type: 'application/merge-patch+json' })
export const strategicPatch = (body: object): More => ({ body, type: 'application/strategic-merge-patch+json' })
export const jsonPatch = (...operations: object[]): More => ({ body: operations, type: 'application/json-patch+json' })

/** Paths of the API. */
export const inNamespace = (namespace: string, path: string): string => `/api/v1/namespaces/${namespace}/${path}`
export const csrsPath = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
export const nodeLeases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
export const rbacPath = '/apis/rbac.authorization.k8s.io/v1'
export const admissionPath = '/apis/admissionregistration.k8s.io/v1'
