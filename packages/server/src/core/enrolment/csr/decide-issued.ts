import { ProblemError } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/cluster.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { openAttempt, withAttempt } from '../facts/attempts.ts'
import { certificateDigest, certificateIdentity } from './certificate-identity.ts'

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
