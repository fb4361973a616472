import { createHash } from 'node:crypto'
import type { LeaseSpec } from './lease-objects.ts'

/**
 * The Leases by which servers know of each other: one for each server, as kube-apiserver has them for its own. They tell machines where
 * servers are, so only those count that have a MAC. Every call rejects if it was not carried out, or if nobody knows.
 */
export interface Presences {
  /** Leases of all servers of this installation, in no order: a bounded number, whatever somebody has made. */
  list(): Promise<SeenPresence[]>
  /** Makes or renews the Lease of this server, under this name. */
  announce(name: string, lease: LeaseSpec, said: SaidPresence): Promise<void>
  /** Deletes the Lease of a server, if it is still at this version. If it is gone already, that is success. */
  remove(presence: Pick<SeenPresence, 'name' | 'version'>): Promise<void>
}

/** Texts that only a server with the keys of the installation can write. */
export interface SaidPresence {
  /** MAC of address, holder and authority. Undefined if a server from before MACs wrote the Lease. */
  mac?: string
  /** Text of its word on its CA (`wordText`). Undefined if a server of an earlier version wrote the Lease. */
  authority?: string
  /** Text of what the server has that the log went on without. Undefined if it says nothing. */
  lost?: string
}

/** The Lease of a server as it was read. Whoever may write Leases may have written anything into it. */
export interface SeenPresence extends SaidPresence {
  name: string
  /** resourceVersion */
  version: string
  /** Text of the annotation. */
  address: string
  /** Id of the process that wrote the Lease. */
  holder: string
}

/** Prefix of the names of these Leases. The Lease of the active server has the name without the hyphen at the end. */
export const presencePrefix = 'joinery-server-'

/** Name of the Lease of the server at this URL: a server that starts again has the same one. */
export const presenceName = (address: string): string =>
  `${presencePrefix}${createHash('sha256').update(address).digest('hex').slice(0, 16)}`
