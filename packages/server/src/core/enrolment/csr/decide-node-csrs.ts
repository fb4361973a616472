import { nodesGroup, nodeUsername } from '@joinery/kube/names'
import { fingerprint, next, renewsByItself } from '@joinery/protocol'
import type { Csr } from '../../ports/cluster/csrs.ts'
import type { AttemptDocument } from '../../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { decideConflict } from '../decision/conflict.ts'
import { type Decision, entry } from '../decision/decision.ts'
import { withAttempt } from '../facts/attempts.ts'
import { certificateExpiry, certificateIdentity } from './certificate-identity.ts'
import { isKubeletCsr, refusalsKept } from './csr-guard.ts'
import { parseCsrRequest } from './csr-request.ts'
import { decideStray } from './stray-certificates.ts'

/**
 * Notes what the holder of a client certificate of ours asked for, for the last attempt. Keys and serials are written down,
 * because the agent must report one of them. Nothing here is ever approved.
 */
export const decideNodeCsrs = (enrolment: EnrolmentDocument, csrs: readonly Csr[], now: Date): Decision => {
  let decision: Decision = { enrolment, entries: [] }
  for (const csr of csrs) {
    const attempt = decision.enrolment.join.attempts.at(-1)
    if (attempt?.credentialCsr === undefined) break
    const { enrolment: after, entries } = decideNodeCsr(csr, decision.enrolment, attempt, now)
    decision = { enrolment: after, entries: [...decision.entries, ...entries] }
  }
  return decision
}

const decideNodeCsr = (csr: Csr, enrolment: EnrolmentDocument, attempt: AttemptDocument, now: Date): Decision => {
  const { number, refusedCsrs, kubeletCsrs = [] } = attempt
  const { name, uid } = csr
  switch (judgeNodeCsr(csr, enrolment, attempt)) {
    case 'note': {
      const key = keyOf(csr)
      const which = kubeletCsrs.length === 0 ? `of attempt ${number}` : 'a further one by the same node'
      return {
        enrolment: withAttempt(enrolment, number, { kubeletCsrs: [...kubeletCsrs, { name, uid, key }] }),
        entries: [entry(now, 'cluster', 'csr-seen', `${name}, key ${key}: ${which}`)]
      }
    }
    case 'foreign-name': {
      const { enrolment: after, entries } = decideConflict(
        enrolment,
        'cluster',
        `${name}: the credential asked for a certificate that it must not get`,
        now
      )
      return { enrolment: withAttempt(after, number, { refusedCsrs: [...refusedCsrs, uid] }), entries }
    }
    case 'leave':
      return issued(csr, enrolment, attempt, now)
  }
}

/** Fingerprint of the key of a request. A request that was noted always parses. */
const keyOf = ({ request }: Csr): string => {
  const key = parseCsrRequest(request)?.key
  return key === undefined ? '' : fingerprint(key)
}

const issued = (csr: Csr, enrolment: EnrolmentDocument, attempt: AttemptDocument, now: Date): Decision => {
  const { number, kubeletCsrs = [] } = attempt
  const noted = kubeletCsrs.find(({ uid, serial }) => uid === csr.uid && serial === undefined)
  if (noted === undefined || csr.certificate === undefined) return { enrolment, entries: [] }
  const { serial } = certificateIdentity(csr.certificate)
  const known = kubeletCsrs.map((one) => (one === noted ? { ...one, serial } : one))
  const said = entry(now, 'cluster', 'certificate-issued', `serial ${serial}, key ${noted.key}`)
  const after = withAttempt(enrolment, number, {
    kubeletCsrs: known,
    certificateExpires: certificateExpiry(csr.certificate)
  })
  const stray = decideStray(after, csr, { name: enrolment.name }, now)
  return stray === undefined ? { enrolment: after, entries: [said] } : { ...stray, entries: [said, ...stray.entries] }
}

/**
 * - note: a CSR by the node that the attempt's certificate speaks for; the cluster approves it by itself, the server never does
 * - foreign-name: a CSR by that node too, for what a kubelet of its name does not ask for; freezes
 * - leave: a CSR that is not of this attempt, or that is noted already
 */
export type NodeCsrVerdict = 'note' | 'foreign-name' | 'leave'

/**
 * Judges a CSR against the last attempt that got a certificate. A CSR that came before that certificate was asked for is an
 * earlier node's. Both times are the API server's. Default: leave alone.
 */
export const judgeNodeCsr = (csr: Csr, enrolment: EnrolmentDocument, attempt: AttemptDocument): NodeCsrVerdict => {
  const { issued, kubeletCsrs = [], refusedCsrs } = attempt
  if (csr.username !== nodeUsername(enrolment.name) || csr.denied || renewsByItself(enrolment)) return 'leave'
  if (issued === undefined || csr.created < new Date(issued.since)) return 'leave'
  if (refusedCsrs.includes(csr.uid) || kubeletCsrs.some(({ uid }) => uid === csr.uid)) return 'leave'
  if (isKubeletCsr(csr, enrolment.name, nodesGroup)) return kubeletCsrs.length >= refusalsKept ? 'leave' : 'note'
  const full = refusedCsrs.length >= refusalsKept
  return full && next(enrolment.state, 'conflict') === undefined ? 'leave' : 'foreign-name'
}
