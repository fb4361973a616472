import { fingerprint, ProblemError } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { openAttempt, withAttempt } from '../facts/attempts.ts'
import { certificateDigest, certificateIdentity } from './certificate-identity.ts'
import 'reflect-metadata'
import { kubeletSigner, serverUsername } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import { algorithmOf } from '../../ports/cluster/kubelet-keys.ts'
import { isKubeletRequest } from './csr-guard.ts'
import { type CsrRequest, isSignedByItsKey, parseCsrRequest } from './csr-request.ts'

/**
 * Notes that the certificate is there and is about to be given out: once for each attempt, the same one each time. Throws
 * `illegal-event` if the attempt ended meanwhile.
 */
export const decideIssued = (
  enrolment: EnrolmentDocument,
  number: number,
  { name, created }: Pick<Csr, 'name' | 'created'>,
  certificate: string,
  now: Date
): Decision | undefined => {
  const open = openAttempt(enrolment)
  if (open?.number !== number) throw new ProblemError('illegal-event', { detail: `attempt ${number} is not open` })
  if (open.issued !== undefined) return undefined
  const { serial, fingerprint } = certificateIdentity(certificate)
  return {
    enrolment: withAttempt(enrolment, number, {
      issued: { serial, since: created.toISOString(), digest: certificateDigest(certificate) }
    }),
    entries: [entry(now, 'server', 'credential-issued', `${name}: serial ${serial}, key ${fingerprint}`)]
  }
}

type Approved = Pick<EnrolmentDocument, 'name' | 'join'>

/**
 * The PKCS#10 request that an agent sends with its claim, as PEM of our own making: the server sends on what it judged. Throws
 * `request-not-approved` if the request is not by the join key that was approved, or is not exactly what a kubelet of the
 * approved name asks for.
 */
export const approvedRequest = async (pem: string | undefined, approved: Approved): Promise<string> => {
  if (pem === undefined || approved.join.key === undefined) {
    throw notApproved(
      'the agent sends no key of its own for a client certificate',
      'upgrade joinery-agent on the machine'
    )
  }
  if (!isSignedByItsKey(pem)) throw notApproved('it is no PKCS#10 request with a signature')
  requireApproved(parseCsrRequest(pem), approved)
  return new Pkcs10CertificateRequest(pem).toString('pem')
}

/** Throws if the server did not make the CSR for this enrolment. Nothing else of that name is approved. */
export const requireOwnCsr = ({ name, username, signer, request }: Csr, approved: Approved): void => {
  if (username !== serverUsername || signer !== kubeletSigner) {
    throw new ProblemError('cluster-unsafe', {
      detail: `there is a CSR ${name} that ${username} made, for ${signer}`,
      remedy: `delete it, and find out who did: kubectl delete csr ${name}`
    })
  }
  requireApproved(parseCsrRequest(request), approved)
}

const requireApproved = (request: CsrRequest | undefined, { name, join: { key: joinKey } }: Approved): void => {
  if (request === undefined) throw notApproved('it is no PKCS#10 request')
  const { key } = request
  if (algorithmOf(key) === undefined || fingerprint(key) !== joinKey) {
    throw notApproved(`it is by another key than the one that enrolled, ${joinKey}`)
  }
  if (!isKubeletRequest(request, name)) {
    throw notApproved(`it is not what a kubelet of the name ${name} asks for`)
  }
}

const notApproved = (detail: string, remedy?: string): ProblemError =>
  new ProblemError('request-not-approved', { detail, ...given({ remedy }) })
