import type { User } from '../identity/user.ts'
import { type CertificateRequest, readRequest } from '../kubeadm/certificate-request.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import { type Objects, wholeSeconds } from '../objects/objects.ts'

export const csrs = { group: 'certificates.k8s.io', plural: 'certificatesigningrequests' }

export interface Csr extends KubeObject {
  spec: Partial<User> & { request: string; signerName: string; usages?: string[]; expirationSeconds?: number }
  status?: { conditions?: { type: string; status: string; lastUpdateTime?: string }[]; certificate?: string }
}

export const hasCondition = ({ status }: Csr, ...types: string[]): boolean =>
  status?.conditions?.some((condition) => types.includes(condition.type) && condition.status === 'True') === true

/** Writes one more condition into the CSR: type, reason and message. */
export const addCondition = (objects: Objects, csr: Csr, now: Date, ...condition: [string, string, string]): void => {
  const [at, [type, reason, message]] = [wholeSeconds(now), condition]
  const added = { type, status: 'True', reason, message, lastUpdateTime: at, lastTransitionTime: at }
  objects.replace(csrs, { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), added] } })
}

export const requestText = ({ spec }: Csr): string => Buffer.from(spec.request, 'base64').toString('utf8')

/** The request in it. Undefined if it cannot be read: controllers log that, and leave the CSR as it is. */
export const requestOf = (csr: Csr): CertificateRequest | undefined => {
  try {
    return readRequest(requestText(csr))
  } catch {
    return undefined
  }
}

export const kubeletClient = 'kubernetes.io/kube-apiserver-client-kubelet'

/** A fault of a request, or anything falsy. */
type Rule = (request: CertificateRequest, usages: readonly string[]) => string | false | undefined

const isNodes: Rule = ({ organizations }) =>
  (organizations.length !== 1 || organizations[0] !== 'system:nodes') && 'subject organization is not system:nodes'

const isNode: Rule = ({ commonName }) =>
  !commonName.startsWith('system:node:') && 'subject common name does not begin with system:node:'

const hasNo =
  (type: string, word: string): Rule =>
  ({ alternativeNames }) =>
    alternativeNames.some((name) => name.type === type) && `${word} subjectAltNames are not allowed`

const hasHost: Rule = ({ alternativeNames }) =>
  !alternativeNames.some(({ type }) => type === 'dns' || type === 'ip') && 'DNS or IP subjectAltName is required'

const optional = ['digital signature', 'key encipherment']

const isFor =
  (purpose: string): Rule =>
  (_, usages) =>
    ([purpose, 'digital signature'].some((usage) => !usages.includes(usage)) ||
      usages.some((usage) => usage !== purpose && !optional.includes(usage))) &&
    `usages did not match [${[purpose, ...optional].sort().join(' ')}]`

const isForClients: Rule = (_, usages) => {
  const other = usages.find((usage) => usage !== 'client auth' && !optional.includes(usage))
  if (other !== undefined) return `invalid usage for client certificate: ${other}`
  return !usages.includes('client auth') && 'missing required usage for client certificate: client auth'
}

const [noDns, noEmail] = [hasNo('dns', 'DNS'), hasNo('email', 'Email')]
const [noIp, noUri] = [hasNo('ip', 'IP'), hasNo('url', 'URI')]

/** Rules of each signer of the control plane, in its order (pkg/apis/certificates/helpers.go). */
const rules: Readonly<Record<string, readonly Rule[]>> = {
  [kubeletClient]: [isNodes, noDns, noEmail, noIp, noUri, isNode, isFor('client auth')],
  'kubernetes.io/kubelet-serving': [isNodes, hasHost, noEmail, noUri, isFor('server auth'), isNode],
  'kubernetes.io/kube-apiserver-client': [isForClients]
}

/** Signers of the control plane. Nobody signs for another one. */
export const signers: ReadonlySet<string> = new Set(Object.keys(rules))

/** Returns the first fault that the signer finds. Undefined if it would sign. */
export const faultOf = ({ spec: { signerName, usages = [] } }: Csr, request: CertificateRequest): string | undefined =>
  rules[signerName]?.flatMap((rule) => rule(request, usages) || []).at(0)
