import {
  type AuditLeaf,
  isRecovering,
  type LeafField,
  type LeafValue,
  type LeafValues,
  leafFieldsOf,
  leafTextOf
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { credentialOf, openAttempt } from '../../core/enrolment/facts/attempts.ts'
import type { Change } from '../../core/ports/store/change.ts'
import type { AttemptDocument } from '../../core/ports/store/documents/attempt-document.ts'
import type { CodeDocument } from '../../core/ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import type { SubjectEntry } from '../../core/ports/store/timeline.ts'

/**
 * The leaves of a change, as texts: one for each entry that the table of events gives one. They are made of the very documents that
 * the change writes, so a leaf says what the commit did.
 */
export const leavesOf = ({ entries = [], enrolments = [], codes = [] }: Change): string[] => {
  const byId = new Map(enrolments.map((enrolment) => [enrolment.id, enrolment]))
  const codesById = new Map(codes.map((code) => [code.id, code]))
  return entries.flatMap((one) => {
    const { subject } = one
    const leaf = leafOf(one, { enrolment: byId.get(subject), code: codesById.get(subject) })
    return leaf === undefined ? [] : [leafTextOf(leaf)]
  })
}

interface Documents {
  enrolment: EnrolmentDocument | undefined
  code: CodeDocument | undefined
}

const leafOf = ({ subject, entry }: SubjectEntry, documents: Documents): AuditLeaf | undefined => {
  const { at, event, actor, by, decision, alert, count = 1 } = entry
  const fields = leafFieldsOf(event)
  // a repeated event is one entry that grows, and one leaf
  if (fields === undefined || count > 1) return undefined
  const values = valuesOf(documents)
  return {
    v: 1,
    time: at,
    event,
    subject,
    actor,
    ...given({ by, decision }),
    ...(alert && { alert }),
    fields: pick(
      {
        ...values,
        // the cluster saw no other key
        ...(actor !== 'agent' && { otherKey: '' }),
        detail: entry.detail
      },
      fields
    )
  }
}

const pick = (values: LeafValues, fields: readonly LeafField[]): Record<string, LeafValue> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = values[field]
      return value === undefined || value === '' ? [] : [[field, value]]
    })
  )

const valuesOf = ({ enrolment, code }: Documents): LeafValues => {
  if (enrolment !== undefined) return ofEnrolment(enrolment)
  return code === undefined ? {} : ofCode(code)
}

const ofCode = ({ name, role, uses, expires, from, credential }: CodeDocument): LeafValues =>
  given({ name, role, uses: uses ?? 1, expires, from: from?.join(' '), credential })

const ofEnrolment = (enrolment: EnrolmentDocument): LeafValues => {
  const { name, role, code, key, address, facts, recovery, node } = enrolment
  const { evidence: approved } = enrolment.approval
  const { seen: conflicts } = enrolment.conflict
  const { confirmed } = enrolment.join
  // the way back has an ask and an approval of its own
  const asked = isRecovering(enrolment) ? recovery?.asked : undefined
  const revision = isRecovering(enrolment) ? recovery?.approved?.revision : approved?.revision
  return {
    name,
    role,
    code,
    key,
    address: asked?.address ?? address,
    ...given({
      machineId: facts.machineId,
      productUuid: facts.productUuid,
      revision,
      otherKey: conflicts.at(-1)?.key,
      node: node?.uid,
      confirmed,
      credential: credentialOf(enrolment.terms)
    }),
    ...ofAttempt(openAttempt(enrolment) ?? enrolment.join.attempts.at(-1))
  }
}

/** The credential of an attempt, and what came of it. Of the secret of a token there is nothing here. */
const ofAttempt = (attempt: AttemptDocument | undefined): LeafValues => {
  if (attempt === undefined) return {}
  const { number, tokenId, credentialCsr, issued, csr, certificate, kubeletCsrs = [], failure, failedBy } = attempt
  // with a client certificate the kubelet asks by itself, and may ask again
  const own = kubeletCsrs.findLast(({ serial }) => serial !== undefined) ?? kubeletCsrs.at(-1)
  return given({
    attempt: number,
    token: tokenId,
    credentialCsr,
    credentialSerial: issued?.serial,
    csr: csr?.name ?? own?.name,
    csrUid: csr?.uid ?? own?.uid,
    serial: certificate?.serial ?? own?.serial,
    certificateKey: certificate?.fingerprint ?? own?.key,
    failedBy: failure === undefined ? undefined : (failedBy ?? 'machine')
  })
}
