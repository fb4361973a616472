import { ProblemError } from '@joinery/protocol'
import type { V1CertificateSigningRequest } from '@kubernetes/client-node'
import { type Csr, kubeletSigner } from '../cluster.ts'
import type { Connection } from './connection.ts'
import { statusOf } from './errors.ts'

export const csrSelector = `spec.signerName=${kubeletSigner}`

export const kubeletCsrs = async (api: Connection): Promise<Csr[]> =>
  (await api.certificates.listCertificateSigningRequest({ fieldSelector: csrSelector })).items.map(toCsr)

const toCsr = (object: V1CertificateSigningRequest): Csr => {
  const { metadata, spec, status } = object
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    created: metadata?.creationTimestamp ?? new Date(0),
    username: spec.username ?? '',
    groups: spec.groups ?? [],
    usages: spec.usages ?? [],
    signer: spec.signerName,
    request: fromBase64(spec.request),
    approved: has(object, 'Approved'),
    denied: has(object, 'Denied'),
    ...(status?.certificate === undefined ? {} : { certificate: fromBase64(status.certificate) })
  }
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

const has = (csr: V1CertificateSigningRequest, type: 'Approved' | 'Denied'): boolean =>
  csr.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false

/** Reads it again: what is approved is what was decided on, or nothing. Throws not-found, or illegal-event where it was denied. */
export const approveCsr = async (api: Connection, { name, uid }: Pick<Csr, 'name' | 'uid'>): Promise<void> => {
  const csr = await readCsr(api, name)
  if (csr?.metadata?.uid !== uid) throw new ProblemError('not-found', { detail: `the CSR ${name} is gone` })
  if (has(csr, 'Approved')) return
  if (has(csr, 'Denied')) throw new ProblemError('illegal-event', { detail: `the CSR ${name} was denied` })
  const approval = {
    type: 'Approved',
    status: 'True',
    reason: 'JoineryApproved',
    message: 'The one certificate of an approved enrolment, for the open attempt.'
  }
  const body = { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), approval] } }
  await api.certificates.replaceCertificateSigningRequestApproval({ name, body })
}

const readCsr = async (api: Connection, name: string): Promise<V1CertificateSigningRequest | undefined> => {
  try {
    return await api.certificates.readCertificateSigningRequest({ name })
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}
