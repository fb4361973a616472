import type { CredentialKind } from '@joinery/protocol'
import { credentialOf } from '../enrolment/facts/attempts.ts'
import type { AttemptDocument } from '../ports/store/documents/attempt-document.ts'
import { certificate } from './certificate.ts'
import type { Kind } from './kind.ts'
import { token } from './token.ts'

type AnyKind = Kind<{ token: string } | { certificate: string }>

/** Every kind of credential; kind.ts says what one must have. */
export const kinds: Record<CredentialKind, AnyKind> = { token, certificate }

/** The kind that a code or an enrolment names. */
export const kindOf = (named: { credential?: CredentialKind }): AnyKind => kinds[credentialOf(named)]

/** The kind of credential that an attempt got. */
export const kindOfAttempt = ({ credentialCsr }: AttemptDocument): AnyKind =>
  credentialCsr === undefined ? token : certificate
