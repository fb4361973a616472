import type { KubeObject } from '../objects/kube-object.ts'
import { wholeSeconds } from '../objects/objects.ts'
import type { Fault } from '../objects/refused.ts'
import { forbiddenField, invalidValue, notSupported, requiredField, when } from './faults.ts'
import type { Write } from './kind.ts'
import { isSignedByItsKey } from './pkcs10.ts'

interface Condition {
  type: string
  status?: string
}

interface Csr extends KubeObject {
  spec: { request?: string; signerName?: string; usages?: string[]; expirationSeconds?: number }
  status: { conditions?: Condition[]; certificate?: string }
}

const isJudgement = ({ type }: Condition): boolean => type === 'Approved' || type === 'Denied'

/** Fills in who asks, and keeps apart what its owner, the approver and the signer write (registry, csrStrategy). */
export const prepareCsr = (object: KubeObject, { before, subresource, user, now }: Write): void => {
  const next = object as Csr
  if (before === undefined) {
    const { username, uid, groups, extra } = user
    const { username: _, uid: __, groups: ___, extra: ____, ...asked } = next.spec as Record<string, unknown>
    const given = { ...(uid !== undefined && { uid }), ...(Object.keys(extra).length > 0 && { extra }) }
    next.spec = { ...asked, username, groups, ...given } as Csr['spec']
    next.status = {}
    return
  }
  const { spec, status } = before as Csr
  const time = wholeSeconds(now)
  const sent = (next.status.conditions ?? []).map((one) => ({ lastUpdateTime: time, lastTransitionTime: time, ...one }))
  const judged = (status.conditions ?? []).filter(isJudgement)
  const conditions = subresource === 'approval' ? sent : [...judged, ...sent.filter((one) => !isJudgement(one))]
  const { conditions: _, ...rest } = subresource === 'status' ? next.status : status
  next.spec = spec
  next.status = subresource === '' ? status : { ...rest, ...(conditions.length > 0 && { conditions }) }
}

const known = `any,cert sign,client auth,code signing,content commitment,crl sign,data encipherment,decipher only,
digital signature,email protection,encipher only,ipsec end system,ipsec tunnel,ipsec user,key agreement,
key encipherment,microsoft sgc,netscape sgc,ocsp signing,s/mime,server auth,signing,timestamping`.split(/,\n?/)

/** The signer of requests that named none, in v1beta1. */
const legacySigner = 'kubernetes.io/legacy-unknown'

const words = {
  signer: "must be a fully qualified domain and path of the form 'example.com/signer-name'",
  legacy: 'the legacy signerName is not allowed via this API version',
  seconds: 'may not specify a duration less than 600 seconds (10 minutes)',
  both: 'Approved and Denied conditions are mutually exclusive',
  again: 'updates may not modify existing certificate content',
  certificate: 'must contain at least one CERTIFICATE PEM block'
}

/** Faults of a CertificateSigningRequest (pkg/apis/certificates/validation). */
export const judgeCsr = (object: KubeObject, { before }: Write): Fault[] => {
  const { spec, status } = object as Csr
  const { request = '', signerName = '', usages = [], expirationSeconds = 600 } = spec
  const isSigner = /^[a-z0-9-]+(\.[a-z0-9-]+)+\/[^/]+$/.test(signerName)
  return [
    ...judgeRequest(request),
    ...when(usages.length === 0, requiredField('spec.usages')),
    ...usages.flatMap((one, at) => when(!known.includes(one), notSupported(`spec.usages[${at}]`, one, known))),
    ...when(signerName === '', requiredField('spec.signerName')),
    ...when(signerName !== '' && !isSigner, invalidValue('spec.signerName', signerName, words.signer)),
    ...when(signerName === legacySigner, invalidValue('spec.signerName', signerName, words.legacy)),
    ...when(expirationSeconds < 600, invalidValue('spec.expirationSeconds', expirationSeconds, words.seconds)),
    ...(status.conditions ?? []).flatMap(judgeCondition),
    ...(before === undefined ? [] : judgeChange(status, (before as Csr).status))
  ]
}

const judgeRequest = (request: string): Fault[] => {
  try {
    return when(!isSignedByItsKey(request), invalidValue('spec.request', request, 'x509: verification failure'))
  } catch (error) {
    return [invalidValue('spec.request', request, error instanceof Error ? error.message : String(error))]
  }
}

const judgeCondition = ({ type, status }: Condition, at: number, all: readonly Condition[]): Fault[] => {
  const allowed = ['Approved', 'Denied', 'Failed'].includes(type) ? ['True'] : ['False', 'True', 'Unknown']
  const isSecond = isJudgement({ type }) && all.slice(0, at).some((one) => isJudgement(one) && one.type !== type)
  return [
    ...when(!allowed.includes(status ?? ''), notSupported(`status.conditions[${at}].status`, status, allowed)),
    ...when(isSecond, invalidValue(`status.conditions[${at}].type`, type, words.both))
  ]
}

const judgeChange = (next: Csr['status'], before: Csr['status']): Fault[] => {
  const lacks = (type: string) => !(next.conditions ?? []).some((one) => one.type === type)
  const removed = (before.conditions ?? []).filter(({ type }) => lacks(type)).map(({ type }) => type)
  const { certificate = '' } = next
  const pem = Buffer.from(certificate, 'base64').toString()
  const isNew = certificate !== (before.certificate ?? '')
  return [
    ...removed.map((type) =>
      forbiddenField('status.conditions', `updates may not remove a condition of type "${type}"`)
    ),
    ...when(isNew && before.certificate !== undefined, forbiddenField('status.certificate', words.again)),
    ...when(
      isNew && !pem.includes('-----BEGIN CERTIFICATE-----'),
      invalidValue('status.certificate', '<certificate data>', words.certificate)
    )
  ]
}
