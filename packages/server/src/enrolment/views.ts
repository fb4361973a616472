import type { Attempt, BoundPod, Code, Enrolment, NameHolder, OwnEnrolment } from '@joinery/protocol'
import type { ClusterNode } from '../cluster/cluster.ts'
import type { AttemptDocument, CodeDocument, EnrolmentDocument } from '../store/store.ts'
import { describe } from './decision/describe.ts'
import { enrolmentsOf, isSpent, usesOf } from './facts/code-uses.ts'
import { credentialOf } from './facts/credential-kind.ts'
import { nodeCondition } from './facts/node-condition.ts'
import { shownRevision } from './facts/shown-revision.ts'

/**
 * What an agent is told of its own enrolment. With which machine it shares an identity only one that was approved is told:
 * whoever has a code may claim to be anybody.
 */
export const ownView = (enrolment: EnrolmentDocument): OwnEnrolment => ({
  id: enrolment.id,
  revision: enrolment.revision,
  state: enrolment.state,
  name: enrolment.name,
  role: enrolment.role,
  attempt: enrolment.attempts.length,
  message: describe(enrolment, { names: enrolment.state === 'approved' }),
  ...(enrolment.policy === undefined ? {} : { policy: enrolment.policy }),
  ...(enrolment.credential === undefined ? {} : { credential: enrolment.credential }),
  ...(enrolment.grant === undefined ? {} : { granted: true })
})

export interface Surroundings {
  /** What else has the wanted name. */
  nameConflict: string | undefined
  former: Enrolment['former']
  /** When the clock ends the state. */
  expires: Date | undefined
  /** Why the cluster is out of reach. */
  trouble: string | undefined
}

export const operatorView = (
  enrolment: EnrolmentDocument,
  { nameConflict, former, expires, trouble }: Surroundings
): Enrolment => {
  const { agentReady, attempts, grant, servingCsrs = [], ...others } = enrolment
  const {
    lastAttempt: _,
    reason: __,
    certificateBanned: ___,
    strayCertificates: __________,
    untrusted: ___________,
    unwantedNode: ____,
    settled: _________________,
    borrowed: ________,
    shownAt: _________,
    labelled: _____,
    approvedAddresses: ______,
    replaced: _______,
    flap: ____________,
    banned: _____________,
    ...shown
  } = others
  return {
    ...shown,
    revision: shownRevision(enrolment),
    credential: credentialOf(enrolment),
    message: describe(enrolment, { trouble, names: true }),
    ...(expires === undefined ? {} : { expires: expires.toISOString() }),
    ...(nameConflict === undefined ? {} : { nameConflict }),
    ...(former === undefined ? {} : { former }),
    ...(grant === undefined ? {} : { granted: grant.until }),
    attempts: attempts.map(attemptView),
    ...(servingCsrs.length === 0 ? {} : { servingCsrs: servingCsrs.map(({ uid: _, ...csr }) => csr) }),
    ...(agentReady === undefined ? {} : { agentReady: agentReady.at })
  }
}

export const holderView = (node: ClusterNode | undefined, pods: BoundPod[]): NameHolder => {
  if (node === undefined) return { pods }
  const { uid, created, labels, taints } = node
  return { node: { uid, created: created.toISOString(), ...nodeCondition(node), labels, taints }, pods }
}

const attemptView = (attempt: AttemptDocument): Attempt => {
  const { refusedCsrs: _, tokenDeleted: __, csrDeleted: ___, closed: ____, ...others } = attempt
  const { held: _____, lostCertificate: ______, csr, certificate, issued, kubeletCsrs, ...shown } = others
  const [first] = kubeletCsrs ?? []
  const csrName = csr?.name ?? first?.name
  const serial = certificate?.serial ?? first?.serial
  return {
    ...shown,
    ...(issued === undefined ? {} : { credentialSerial: issued.serial }),
    ...(csrName === undefined ? {} : { csr: csrName }),
    ...(serial === undefined ? {} : { certificateSerial: serial })
  }
}

export const codeView = (code: CodeDocument, now: Date): Code => ({
  id: code.id,
  ...(code.name === undefined ? {} : { name: code.name }),
  role: code.role,
  created: code.created,
  expires: code.expires,
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
  ...(code.enrolment === undefined ? {} : { enrolment: code.enrolment }),
  ...(code.from === undefined ? {} : { from: code.from }),
  ...(code.labels === undefined ? {} : { labels: code.labels }),
  ...(code.taints === undefined ? {} : { taints: code.taints }),
  ...(code.policy === undefined ? {} : { policy: code.policy }),
  credential: credentialOf(code)
})
