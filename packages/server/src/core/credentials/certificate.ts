import { approvedRequest, decideIssued, requireOwnCsr } from '../enrolment/csr/decide-issued.ts'
import { decideStray, isStray } from '../enrolment/csr/stray-certificates.ts'
import { noOpenAttempt } from '../enrolment/facts/attempts.ts'
import { awaitIssued } from './await-issued.ts'
import type { Kind } from './kind.ts'

/** A client certificate, as PEM, for the key that the machine made. */
export const certificate: Kind<{ certificate: string }> = {
  // every server has the rights for it
  offered: () => {},

  precheck: approvedRequest,

  // the cluster itself approves only what a certificate's holder asks for its own name
  open: (_, { bounds }) => bounds.require('joinery-csrs'),

  /** Gives out the certificate once the store says durably that it was given out. */
  give: async ({ id, inTurn, cluster, giving, enrolments, sleep }, { request }) => {
    const { attempt, csr } = await inTurn(async ({ enrolment, attempt }) => {
      if (attempt.credentialCsr === undefined || request === undefined) throw noOpenAttempt()
      const csr = await giving.createOwnCsr({ name: attempt.credentialCsr, request })
      // what is there already may be somebody else's
      requireOwnCsr(csr, enrolment)
      if (!csr.approved) await giving.approveCsr(csr)
      return { attempt, csr }
    })
    const certificate = csr.certificate ?? (await awaitIssued(csr.name, cluster, sleep))
    const after = await enrolments.change(
      id,
      (current, now) =>
        decideStray(current, { ...csr, certificate }, { name: current.name }, now) ??
        decideIssued(current, attempt.number, csr, certificate, now)
    )
    if (isStray(after, csr.uid)) throw noOpenAttempt()
    return { attempt, certificate }
  },

  settle: async ({ credentialCsr }, { takingAway }) => {
    if (credentialCsr !== undefined) await takingAway.deleteOwnCsr(credentialCsr)
  },
  settled: { csrDeleted: true }
}
