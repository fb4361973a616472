import {
  Attempt,
  allowsPrefetch,
  awaitsClaim,
  type BoundPod,
  Code,
  Enrolment,
  EnrolmentRow,
  type NameHolder,
  OwnEnrolment,
  ServingCsr
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Static, TObject } from 'typebox'
import type { ClusterNode } from '../ports/cluster/nodes.ts'
import type { AttemptDocument } from '../ports/store/documents/attempt-document.ts'
import type { CodeDocument } from '../ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import { describe } from './decision/describe.ts'
import { credentialOf } from './facts/attempts.ts'
import { nodeCondition, serviceView } from './facts/node.ts'
import { enrolmentsOf, isProof, isSpent, shownRevision, usesOf } from './facts/shown.ts'
import { ownRecovery, recoveryView } from './recovery/recovery-view.ts'
import { restoredView } from './restored-view.ts'

/**
 * The view of an enrolment that its own agent gets. Only an approved machine is told which machine it shares an identity with:
 * anybody who has a code may claim to be anybody.
 */
export const ownView = (enrolment: EnrolmentDocument): OwnEnrolment => {
  const { recovery: _, ...others } = enrolment
  return {
    ...pick(OwnEnrolment, { ...enrolment.terms, ...others }),
    attempt: enrolment.join.attempts.length,
    message: describe(enrolment, { names: awaitsClaim(enrolment) }),
    ...(enrolment.join.grant === undefined ? {} : { granted: true }),
    ...given({ recovery: ownRecovery(enrolment) })
  }
}

interface Surroundings {
  /** The other enrolment, Node or Pod that has the wanted name, in words. */
  nameConflict: string | undefined
  former: Enrolment['former']
  /** When the clock ends the state. */
  expires: Date | undefined
  /** Reason why the cluster is out of reach. */
  trouble: string | undefined
  /** Reason why an approved machine waits, if others have to join before it. */
  turn?: string | undefined
}

export const operatorView = (
  enrolment: EnrolmentDocument,
  { nameConflict, former, expires, trouble, turn }: Surroundings
): Enrolment => {
  const { terms, approval, join, conflict, certificates, recovery: _, ...others } = enrolment
  const { key: joinKey, sealKey, ready, confirmed, grant, agentReady, attempts } = join
  const serving = certificates.serving?.map((csr) => pick(ServingCsr, csr))
  return {
    ...pick(Enrolment, { ...terms, ...others }),
    ...given({ joinKey, sealKey, ready, confirmed, approved: approval.evidence, cause: enrolment.diagnosis.cause }),
    ...given({ codeClosed: conflict.codeClosed, keySeen: conflict.keySeen }),
    conflicts: conflict.seen,
    revision: shownRevision(enrolment),
    credential: credentialOf(terms),
    message: describe(enrolment, { trouble, names: true, turn }),
    ...given({ expires: expires?.toISOString(), nameConflict, former, granted: grant?.until }),
    ...given({ restored: restoredView(enrolment), recovery: recoveryView(enrolment) }),
    attempts: attempts.map(attemptView),
    ...(serving !== undefined && serving.length > 0 && { servingCsrs: serving }),
    ...given({ agentReady: agentReady?.at }),
    ...serviceView(enrolment)
  }
}

/** The enrolment as a line of a table shows it. */
export const rowView = (view: Enrolment): EnrolmentRow => ({
  ...pick(EnrolmentRow, view),
  preflight: view.preflight.filter(({ verdict }) => verdict !== 'pass')
})

export const holderView = (node: ClusterNode | undefined, pods: BoundPod[]): NameHolder => {
  if (node === undefined) return { pods }
  const { uid, created, labels, taints } = node
  return { node: { uid, created: created.toISOString(), ...nodeCondition(node), labels, taints }, pods }
}

const attemptView = ({ csr, certificate, issued, kubeletCsrs, ...others }: AttemptDocument): Attempt => {
  const [first] = kubeletCsrs ?? []
  const csrName = csr?.name ?? first?.name
  const serial = certificate?.serial ?? first?.serial
  return {
    ...pick(Attempt, others),
    ...given({ credentialSerial: issued?.serial, csr: csrName, certificateSerial: serial })
  }
}

export const codeView = (code: CodeDocument, now: Date): Code => ({
  ...pick(Code, code),
  status:
    code.revoked !== undefined
      ? 'revoked'
      : isSpent(code)
        ? 'used'
        : now >= new Date(code.expires)
          ? 'expired'
          : 'open',
  uses: usesOf(code),
  used: enrolmentsOf(code).length,
  credential: credentialOf(code),
  prefetch: allowsPrefetch(code),
  proof: isProof(code)
})

/** The fields of a document that a schema names; no other field can reach an answer. Fields inside a field are left as they are. */
const pick = <Schema extends TObject, Document extends object>(
  { properties }: Schema,
  document: Document
): Pick<Document, keyof Document & keyof Static<Schema>> =>
  Object.fromEntries(Object.entries(document).filter(([field]) => Object.hasOwn(properties, field))) as Pick<
    Document,
    keyof Document & keyof Static<Schema>
  >
