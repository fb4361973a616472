import type { CredentialKind } from '@joinery/protocol'
import type { Enrolments } from '../commit/enrolments.ts'
import type { MasterKeys } from '../keys/master-keys.ts'
import type { AccessChecks } from '../ports/cluster/access-checks.ts'
import type { Csrs } from '../ports/cluster/csrs.ts'
import type { AttemptDocument } from '../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Sleep } from './await-issued.ts'
import type { Bounds } from './bounds.ts'
import type { Giving, TakingAway } from './cluster-guard.ts'

/** All that differs between kinds of credential. `Secret` is what the machine gets. */
export interface Kind<Secret extends object> {
  /** Throws `credential-unavailable` if a server that is set to `server` does not give out this kind. */
  offered(server: CredentialKind): void

  /**
   * Judges the request that the machine sent, before the cluster is asked. Returns what to send on: PEM of a PKCS#10 request.
   * Throws `request-not-approved`.
   */
  precheck(request: string | undefined, enrolment: EnrolmentDocument): Promise<string | undefined>

  /** Throws `cluster-unsafe` if this kind may not be made in this cluster, and `cluster-unavailable`. */
  open(enrolment: EnrolmentDocument, parts: OpenParts): Promise<void>

  /** Makes the credential of the open attempt, which is committed already, or finds that it was made. */
  give(parts: GiveParts, asked: Asked): Promise<Given<Secret>>

  /** Deletes the credential from the cluster. If it is gone already, that is success. */
  settle(attempt: AttemptDocument, parts: SettleParts): Promise<void>

  /** Fields of an attempt once its credential is deleted for good. */
  readonly settled: Partial<AttemptDocument>
}

export interface OpenParts {
  cluster: Pick<AccessChecks, 'autoApproval'>
  bounds: Pick<Bounds, 'require'>
}

export interface GiveParts {
  /** Id of the enrolment. */
  id: string
  /**
   * Does `work` for the open attempt, in the turn of its enrolment: no credential of it is deleted meanwhile. Throws
   * `illegal-event`.
   */
  inTurn<T>(work: (open: Open) => Promise<T>): Promise<T>
  cluster: Pick<Csrs, 'ownCsr'>
  giving: Giving
  enrolments: Pick<Enrolments, 'change'>
  sleep: Sleep
  masterKeys: Pick<MasterKeys, 'of'>
}

export interface Open {
  enrolment: EnrolmentDocument
  attempt: AttemptDocument
}

/** Wishes of the one who claims. */
export interface Asked {
  /** The request for a certificate, as `precheck` gave it. */
  request?: string | undefined
  /** True if the token must vouch for `cluster-info` too. */
  signing?: boolean
}

export type Given<Secret> = { attempt: AttemptDocument } & Secret

export interface SettleParts {
  takingAway: TakingAway
  /** Credential kind that the server is set to. If set to certificates, it has no right to Secrets. */
  kind: CredentialKind
}
