import type { CredentialKind } from '@joinery/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import type { AttemptDocument, EnrolmentDocument } from '../store/store.ts'
import type { Sleep } from './await-issued.ts'
import type { Bounds } from './bounds.ts'

/** All that differs between one kind of credential and another; `Secret` is what the machine gets. */
export interface Kind<Secret extends object> {
  /** A server that is set to `server` gives it out: throws `credential-unavailable`. */
  offered(server: CredentialKind): void

  /**
   * Judges what the machine sent for it, before the cluster is asked. Gives what is to be sent on: PEM of a PKCS#10 request.
   * Throws `request-not-approved`.
   */
  precheck(request: string | undefined, enrolment: EnrolmentDocument): Promise<string | undefined>

  /** The cluster is one in which it may be made: throws `cluster-unsafe`, and `cluster-unavailable`. */
  open(enrolment: EnrolmentDocument, parts: OpenParts): Promise<void>

  /** Makes that of the open attempt, which is committed already, or finds that it was made. */
  give(parts: GiveParts, asked: Asked): Promise<Given<Secret>>

  /** Deletes it from the cluster. One that is gone is success. */
  settle(attempt: AttemptDocument, parts: SettleParts): Promise<void>

  /** What is known of an attempt once that is done for good. */
  readonly settled: Partial<AttemptDocument>
}

export interface OpenParts {
  cluster: Pick<Cluster, 'autoApproval'>
  bounds: Pick<Bounds, 'require'>
}

export interface GiveParts {
  /** Of the enrolment. */
  id: string
  /** Does `work` for the open attempt, in the turn of its enrolment: nothing of it is deleted meanwhile. Throws `illegal-event`. */
  inTurn<T>(work: (open: Open) => Promise<T>): Promise<T>
  cluster: Pick<Cluster, 'createToken' | 'createOwnCsr' | 'approveCsr' | 'ownCsr'>
  enrolments: Pick<Enrolments, 'change'>
  sleep: Sleep
  masterKey: Uint8Array
}

export interface Open {
  enrolment: EnrolmentDocument
  attempt: AttemptDocument
}

/** What the one who claims says of it. */
export interface Asked {
  /** For a certificate: as `precheck` gave it. */
  request?: string | undefined
  /** For a token: it is to vouch for `cluster-info`, too. */
  signing?: boolean
}

export type Given<Secret> = { attempt: AttemptDocument } & Secret

export interface SettleParts {
  cluster: Pick<Cluster, 'deleteToken' | 'deleteOwnCsr'>
  /** As the server is set: to certificates it has no right to Secrets. */
  kind: CredentialKind
}
