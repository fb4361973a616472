import type { Code, Enrolment, OwnEnrolment } from '@joinery/protocol'
import type { CodeDocument, EnrolmentDocument } from '../store/store.ts'
import { describe } from './describe.ts'

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
  ...(enrolment.policy === undefined ? {} : { policy: enrolment.policy })
})

export interface Surroundings {
  /** What else has the wanted name. */
  nameConflict?: string
  /** Why the cluster is out of reach. */
  trouble?: string
}

export const operatorView = (enrolment: EnrolmentDocument, { nameConflict, trouble }: Surroundings): Enrolment => {
  const { lastAttempt: _, reason: __, agentReady, banned: ___, strangerNode: ____, attempts, ...shown } = enrolment
  return {
    ...shown,
    message: describe(enrolment, { trouble, names: true }),
    ...(nameConflict === undefined ? {} : { nameConflict }),
    attempts: attempts.map(({ refusedCsrs: _, tokenDeleted: __, csr, certificate, ...attempt }) => ({
      ...attempt,
      ...(csr === undefined ? {} : { csr: csr.name }),
      ...(certificate === undefined ? {} : { certificateSerial: certificate.serial })
    })),
    ...(agentReady === undefined ? {} : { agentReady: agentReady.at })
  }
}

export const codeView = (code: CodeDocument, now: Date): Code => ({
  id: code.id,
  ...(code.name === undefined ? {} : { name: code.name }),
  role: code.role,
  created: code.created,
  expires: code.expires,
  status:
    code.enrolment !== undefined
      ? 'used'
      : code.revoked !== undefined
        ? 'revoked'
        : now >= new Date(code.expires)
          ? 'expired'
          : 'open',
  ...(code.enrolment === undefined ? {} : { enrolment: code.enrolment }),
  ...(code.policy === undefined ? {} : { policy: code.policy })
})
