import type { CredentialKind } from '@joinery/protocol'

/** Of a code or an enrolment; one that was stored before there were two kinds has a token. */
export const credentialOf = ({ credential = 'token' }: { credential?: CredentialKind }): CredentialKind => credential
