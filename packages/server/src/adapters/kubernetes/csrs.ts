import type { Connection } from '@joinery/kube'
import { inPages, isConflict, refusalOf, statusOf } from '@joinery/kube'
import { csrSelector, kubeletSigner, ownCsrSeconds, servingSigner } from '@joinery/kube/names'
import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { V1CertificateSigningRequest, V1CertificateSigningRequestCondition } from '@kubernetes/client-node'
import type { Csr } from '../../core/ports/cluster/csrs.ts'
import { againOnConflict } from '../../core/ports/cluster/on-conflict.ts'

export const kubeletCsrs = (api: Connection): Promise<Csr[]> => listCsrs(api, csrSelector)

export const servingCsrs = (api: Connection): Promise<Csr[]> => listCsrs(api, `spec.signerName=${servingSigner}`)

const listCsrs = (api: Connection, fieldSelector: string): Promise<Csr[]> =>
  inPages((page) => api.certificates.listCertificateSigningRequest({ fieldSelector, ...page }), toListedCsr)

/** Objects of the requests that no list shows judged yet. */
const listed = new WeakMap<Pick<Csr, 'name' | 'uid'>, V1CertificateSigningRequest>()

const toListedCsr = (object: V1CertificateSigningRequest): Csr => {
  const csr = toCsr(object)
  if (!csr.approved && !csr.denied) listed.set(csr, object)
  return csr
}

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
    ...given({ credentialId: certificateIdOf(spec.extra?.[credentialIdKey]?.[0]) }),
    request: fromBase64(spec.request),
    approved: has(object, 'Approved'),
    denied: has(object, 'Denied'),
    ...(status?.certificate === undefined ? {} : { certificate: fromBase64(status.certificate) })
  }
}

/** Key under which the API server notes the credential of a request (`user.CredentialIDKey`). */
const credentialIdKey = 'authentication.kubernetes.io/credential-id'

/** The id, if it is that of a client certificate. That of a ServiceAccount's token says nothing of use here. */
const certificateIdOf = (id: string | undefined): string | undefined =>
  id !== undefined && /^X509SHA256=[0-9a-f]{64}$/.test(id) ? id : undefined

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

const has = (csr: V1CertificateSigningRequest, type: 'Approved' | 'Denied'): boolean =>
  csr.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false

/**
 * Approves the CSR: the version that a list gave, or the one that is there now if it has the same uid. So it approves what the server
 * decided on, or nothing. Throws `not-found`, or `illegal-event` if the CSR was denied.
 */
export const approveCsr = (api: Connection, asked: Pick<Csr, 'name' | 'uid'>): Promise<void> =>
  judge(api, asked, (csr) => {
    const { name, uid } = asked
    if (csr?.metadata?.uid !== uid) throw new ProblemError('not-found', { detail: `the CSR ${name} is gone` })
    if (has(csr, 'Approved')) return undefined
    if (has(csr, 'Denied')) throw new ProblemError('illegal-event', { detail: `the CSR ${name} was denied` })
    const message =
      csr.spec.signerName === servingSigner
        ? 'This certificate is for the name and the addresses of one approved enrolment, and of no other.'
        : 'This is the only certificate of an approved enrolment, for its open attempt.'
    return { type: 'Approved', status: 'True', reason: 'JoineryApproved', message }
  })

/**
 * Denies the CSR. The API server then refuses an approval that is still on its way, because that has an older version.
 * So no CSR is both approved and denied.
 */
export const denyCsr = (api: Connection, asked: Pick<Csr, 'name' | 'uid'>, fault?: string): Promise<void> =>
  judge(api, asked, (csr) => {
    const { name, uid } = asked
    if (csr?.metadata?.uid !== uid || has(csr, 'Denied')) return undefined
    if (has(csr, 'Approved')) throw new ProblemError('illegal-event', { detail: `the CSR ${name} was approved` })
    return { type: 'Denied', status: 'True', reason: 'JoineryDenied', message: fault ?? notEntitled }
  })

const notEntitled =
  'The credential belongs to an enrolment that is over, that must get no certificate, or whose certificate another request got.'

/**
 * Writes the condition that `decide` returns for the CSR as it was listed, or else as it is now, if there is one. For a CSR with one
 * uid, only the conditions can change: its spec never does (`PrepareForUpdate` of the CSR's strategy.go).
 */
const judge = (
  api: Connection,
  asked: Pick<Csr, 'name' | 'uid'>,
  decide: (csr: V1CertificateSigningRequest | undefined) => V1CertificateSigningRequestCondition | undefined
): Promise<void> =>
  againOnConflict(async () => {
    const { name } = asked
    const known = listed.get(asked)
    // whatever becomes of this one, another try must not rest on it
    listed.delete(asked)
    const csr = known ?? (await readCsr(api, name))
    const condition = decide(csr)
    if (csr === undefined || condition === undefined) return
    const body = { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] } }
    await api.certificates.replaceCertificateSigningRequestApproval({ name, body })
  }, isConflict)

/** The CSR that the server itself makes, as its admission policy allows it. */
export const ownCsrObject = ({ name, request }: Pick<Csr, 'name' | 'request'>) => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: {
    request: Buffer.from(request).toString('base64'),
    signerName: kubeletSigner,
    expirationSeconds: ownCsrSeconds,
    usages: ['digital signature', 'client auth']
  }
})

export const createOwnCsr = async (api: Connection, csr: Pick<Csr, 'name' | 'request'>): Promise<Csr> => {
  try {
    return toCsr(await api.certificates.createCertificateSigningRequest({ body: ownCsrObject(csr) }))
  } catch (error) {
    // the server committed the CSR's name before the first try: this is that try's CSR
    const there = statusOf(error) === 409 ? await readCsr(api, csr.name) : undefined
    if (there === undefined) throw error
    return toCsr(there)
  }
}

export const ownCsr = async (api: Connection, name: string): Promise<Csr | undefined> => {
  const csr = await readCsr(api, name)
  return csr && toCsr(csr)
}

export const deleteOwnCsr = async (api: Connection, name: string): Promise<void> => {
  try {
    await api.certificates.deleteCertificateSigningRequest({ name })
  } catch (error) {
    if (statusOf(error) !== 404) throw error
  }
}

/** The API server's words of refusal for this CSR, by dry run. Undefined if the API server would make it. */
export const refusalOfCsr = (api: Connection, body: ReturnType<typeof ownCsrObject>): Promise<string | undefined> =>
  refusalOf(() => api.certificates.createCertificateSigningRequest({ body, dryRun: 'All' }))

const readCsr = async (api: Connection, name: string): Promise<V1CertificateSigningRequest | undefined> => {
  try {
    return await api.certificates.readCertificateSigningRequest({ name })
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}
