import 'reflect-metadata'
import { isDeepStrictEqual } from 'node:util'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import type { KubeObject } from '../../objects/kube-object.ts'
import { isOn, type Plugin, refusedBy } from './plugin.ts'

/** A CertificateSigningRequest, as far as plugins read it. */
export interface Csr extends KubeObject {
  spec: { signerName: string; request: string }
  status?: { certificate?: string; conditions?: unknown }
}

export const csrs = 'certificatesigningrequests.certificates.k8s.io'

/** Values of a field in the subject of a request, in its order. Throws if nobody can read it. */
export const subjectOf = ({ spec }: Csr, field: 'CN' | 'O'): string[] =>
  new Pkcs10CertificateRequest(Buffer.from(spec.request, 'base64').toString()).subjectName.getField(field)

/** Lets only those write a subresource who have the verb for the signer, or for all of its domain (CertificateApproval and -Signing). */
const forSigner =
  (subresource: string, verb: string): Plugin =>
  (operation, _, authorize) => {
    if (!isOn(operation, `${csrs}/${subresource}`)) return
    const [before, next] = [operation.before as Csr, operation.object as Csr]
    const { signerName } = before.spec
    const on = { group: 'certificates.k8s.io', version: '*', resource: 'signers', subresource: '', namespace: '' }
    const names = [signerName, `${signerName.split('/')[0]}/*`]
    const isAllowed = names.some((name) => authorize({ ...on, user: operation.user, verb, name }).allowed)
    if (!isAllowed && (verb === 'approve' || !isDeepStrictEqual(before.status, next.status)))
      throw refusedBy(operation, `user not permitted to ${verb} requests with signerName "${signerName}"`)
  }

export const certificateApproval = forSigner('approval', 'approve')
export const certificateSigning = forSigner('status', 'sign')

/** Refuses a request by which somebody would be of the group that may everything (CertificateSubjectRestriction). */
export const certificateSubjectRestriction: Plugin = (operation) => {
  if (!isOn(operation, csrs) || operation.operation !== 'CREATE') return
  const [csr, signer] = [operation.object as Csr, 'kubernetes.io/kube-apiserver-client']
  if (csr.spec.signerName === signer && subjectOf(csr, 'O').includes('system:masters'))
    throw refusedBy(operation, `use of ${signer} signer with system:masters group is not allowed`)
}
