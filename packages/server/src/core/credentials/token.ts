import { ProblemError } from '@joinery/protocol'
import { expiryOf, noOpenAttempt, tokenGroupOf } from '../enrolment/facts/attempts.ts'
import { requireSafeCluster } from '../enrolment/facts/cluster.ts'
import type { AttemptDocument } from '../ports/store/documents/attempt-document.ts'
import { tokenSecret } from './derive.ts'
import type { Kind } from './kind.ts'
import { forTokens } from './policy-words.ts'

/** A bootstrap token for each attempt, as `id.secret`. */
export const token: Kind<{ token: string }> = {
  // a server that is set to certificates has no right to make tokens
  offered: (server) => {
    if (server === 'token') return
    throw new ProblemError('credential-unavailable', {
      detail: 'this server gives out client certificates only, no bootstrap tokens',
      remedy: 'joinery code create --credential certificate'
    })
  },

  precheck: async () => undefined,

  open: async (enrolment, { cluster, bounds }) => {
    requireSafeCluster(await cluster.autoApproval(tokenGroupOf(enrolment)))
    await bounds.require(...forTokens)
  },

  give: ({ id, inTurn, giving, masterKeys }, { signing = false }) =>
    inTurn(async ({ enrolment, attempt }) => {
      if (attempt.tokenId === undefined) throw noOpenAttempt()
      const key = masterKeys.of(attempt.masterKey)
      if (key === undefined) throw noKey(attempt)
      const secret = tokenSecret(key, id, attempt.number)
      await giving.createToken({
        id: attempt.tokenId,
        secret,
        group: tokenGroupOf(enrolment),
        signing,
        expires: expiryOf(attempt),
        description: `joinery enrolment ${id} attempt ${attempt.number}`
      })
      return { attempt, token: `${attempt.tokenId}.${secret}` }
    }),

  settle: async ({ tokenId = '' }, { takingAway, kind }) => {
    // the cluster deletes a token from before the server was set to certificates, when it expires
    if (kind === 'token') await takingAway.deleteToken(tokenId)
  },
  settled: { tokenDeleted: true }
}

/** Another secret than the first time would be good for nothing: the token is there with that one. */
const noKey = ({ number, masterKey = 'the first one' }: AttemptDocument): ProblemError =>
  new ProblemError('credential-unavailable', {
    detail: `this server does not have the master key of attempt ${number} (${masterKey})`,
    remedy: 'wait for the end of the attempt, or give the key to this server: joinery-server init --keys FILE'
  })
