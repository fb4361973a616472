import { type CredentialKind, ProblemError } from '@joinery/protocol'

/** Of a code or an enrolment; one that was stored before there were two kinds has a token. */
export const credentialOf = ({ credential = 'token' }: { credential?: CredentialKind }): CredentialKind => credential

/** A server that is set to certificates has no right to make tokens. Throws `credential-unavailable`. */
export const requireOffered = (kind: CredentialKind, server: CredentialKind): void => {
  if (kind === 'certificate' || server === 'token') return
  throw new ProblemError('credential-unavailable', {
    detail: 'this server gives out client certificates only, no bootstrap tokens',
    remedy: 'joinery code create --credential certificate'
  })
}
