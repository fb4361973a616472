import type { CredentialKind } from '@joinery/protocol'

/** Credential kind of a code or an enrolment. One that was stored before there were two kinds has a token. */
export const credentialOf = ({ credential = 'token' }: { credential?: CredentialKind }): CredentialKind => credential
