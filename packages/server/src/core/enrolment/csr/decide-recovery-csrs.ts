import { nodesGroup, nodeUsername } from '@joinery/kube/names'
import { fingerprint, type TimelineEvent } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { openAttempt, withAttempt } from '../facts/attempts.ts'
import { isKubeletCsr, refusalsKept } from './csr-guard.ts'
import { parseCsrRequest } from './csr-request.ts'

/**
 * - note: a request that came by the recovery certificate, for what a kubelet asks for; the cluster approves it by itself
 * - other-credential: a request of the same node that came by another certificate: somebody else is this node, too
 * - hostile: a request by the recovery certificate for what no kubelet of its name asks for
 * - leave: a request of before, of somebody else, or one that is noted already
 */
export type RecoveryCsrVerdict = 'note' | 'other-credential' | 'hostile' | 'leave'

/** The id by which the API server names a client certificate in each request that came by it. */
export const credentialIdOf = (digest: string): string => `X509SHA256=${digest}`

/** Judges a CSR against the open attempt to come back. The API server says by which certificate the request came. */
export const judgeRecoveryCsr = (csr: Csr, name: string, attempt: AttemptDocument): RecoveryCsrVerdict => {
  const { issued, kubeletCsrs = [], refusedCsrs } = attempt
  if (csr.username !== nodeUsername(name) || csr.denied) return 'leave'
  if (issued?.digest === undefined || csr.created < new Date(issued.since)) return 'leave'
  if (refusedCsrs.includes(csr.uid) || kubeletCsrs.some(({ uid }) => uid === csr.uid)) return 'leave'
  const isOurs = csr.credentialId === credentialIdOf(issued.digest)
  const full = isOurs ? kubeletCsrs.length + refusedCsrs.length : refusedCsrs.length
  if (full >= refusalsKept) return 'leave'
  if (!isOurs) return 'other-credential'
  return isKubeletCsr(csr, name, nodesGroup) ? 'note' : 'hostile'
}

/** Notes the requests of the node while it comes back. Nothing here is ever approved by the server. */
export const decideRecoveryCsrs = (enrolment: EnrolmentDocument, csrs: readonly Csr[], now: Date): Decision => {
  let decision: Decision = { enrolment, entries: [] }
  for (const csr of csrs) {
    const attempt = openAttempt(decision.enrolment)
    if (!attempt?.recovery) break
    if (isOfAttemptBefore(csr, enrolment, attempt)) continue
    const { enrolment: after, entries } = decideRecoveryCsr(csr, decision.enrolment, attempt, now)
    decision = { enrolment: after, entries: [...decision.entries, ...entries] }
  }
  return decision
}

/** True if the request is noted at another attempt: a reboot may have interrupted that one, a moment before the open one began. */
const isOfAttemptBefore = (
  { uid }: Csr,
  { join: { attempts } }: EnrolmentDocument,
  { number }: AttemptDocument
): boolean =>
  attempts.some(
    ({ number: other, kubeletCsrs = [], refusedCsrs }) =>
      other !== number && (refusedCsrs.includes(uid) || kubeletCsrs.some((noted) => noted.uid === uid))
  )

const decideRecoveryCsr = (csr: Csr, enrolment: EnrolmentDocument, attempt: AttemptDocument, now: Date): Decision => {
  const { number, refusedCsrs, kubeletCsrs = [] } = attempt
  const { name, uid } = csr
  const refuse = (event: TimelineEvent, detail: string): Decision => ({
    enrolment: withAttempt(enrolment, number, { refusedCsrs: [...refusedCsrs, uid] }),
    entries: [entry(now, 'cluster', event, `${name}: ${detail}`, true)]
  })
  switch (judgeRecoveryCsr(csr, enrolment.name, attempt)) {
    case 'note': {
      const key = keyOf(csr)
      return {
        enrolment: withAttempt(enrolment, number, { kubeletCsrs: [...kubeletCsrs, { name, uid, key }] }),
        entries: [entry(now, 'cluster', 'csr-seen', `${name}, key ${key}: by the certificate of the way back`)]
      }
    }
    case 'other-credential': {
      const by = csr.credentialId ?? 'a credential that the API server does not name'
      return refuse('other-credential', `while the machine comes back, the same node asked by ${by}`)
    }
    case 'hostile':
      return refuse('conflict', 'the certificate of the way back asked for what no kubelet asks for')
    case 'leave':
      return { enrolment, entries: [] }
  }
}

const keyOf = ({ request }: Csr): string => {
  const key = parseCsrRequest(request)?.key
  return key === undefined ? '' : fingerprint(key)
}
