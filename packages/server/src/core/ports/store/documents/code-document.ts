import type { Role } from '@joinery/protocol'
import type { TermsDocument } from './enrolment-document.ts'

/** A code, with the terms that its machines get. Times are ISO 8601 in UTC. The code itself is never stored. */
export interface CodeDocument extends Omit<TermsDocument, 'prefetch'> {
  id: string
  revision: number
  hash: string
  /** A node name, or a pattern of names. */
  name?: string
  role: Role
  created: string
  expires: string
  revoked?: string
  /** Number of machines that the code is for. One if absent. */
  uses?: number
  /**
   * The enrolment that used a code for one machine. It is set once, by the one compare-and-swap that makes the code single-use.
   */
  enrolment?: string
  /** Uses of a code for many machines: a key for each use, by one compare-and-swap each. */
  users?: { key: string; enrolment: string }[]
  /** Networks that a machine must come from. Never empty. */
  from?: string[]
  /** SHA-256 of the agent package that its user-data names. */
  package?: string
  /** True if its machines are told which images the nodes run. If absent, `allowsPrefetch` decides. */
  prefetch?: boolean
  /** True if the approval policy may rest on the code. If absent, `isProof` decides. */
  proof?: boolean
  /** Its Code in the cluster. Absent if the code was made over the socket. */
  object?: CodeObjectNote
}

/** The Code of a code, an object in the cluster. */
export interface CodeObjectNote {
  uid: string
  /** Warnings about the code when it was new. Absent if there were none. */
  warnings?: string[]
  /** True if the server itself deletes the Code: the code is over, and is not revoked for that. */
  cleared?: true
}
