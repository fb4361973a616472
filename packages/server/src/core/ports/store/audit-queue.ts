import type { Tree } from '@joinery/tlog'
import type { InjectionToken } from 'tsyringe'

/** The audit log of this server: the one that leaves go into now. */
export interface AuditLogDocument {
  revision: number
  /** Name of the log, and of its folder: the year, and a number from the second log of a year on. */
  name: string
  /** Origin of all logs of this server: the cluster, and the key that signs. */
  origin: string
  /** The tree as its folder has it: the checkpoint of this size was written. */
  tree: Tree
  /** The leaf that comes next, before all that wait: the first or the last of the log. */
  next?: { leaf: string; closes?: true }
  /** Address of the server whose folder has the log. Absent if the store is a file: then there is one server. */
  server?: string
  /** True if the store came out of a backup: the folder may have more than this document says. */
  restored?: true
}

/** A leaf that is durable, and not in the folder yet. */
export interface WaitingLeaf {
  /** Place in the order of commits. It only grows. */
  sequence: number
  leaf: string
}

/** Part of a change of the store: how far the audit log is. */
export interface AuditChange {
  log: AuditLogDocument
  /** Place of the last leaf that is in the folder by now. It and those before it leave the store. */
  through?: number
}

/** The reads of the audit log's queue. */
export interface AuditQueue {
  log(): Promise<AuditLogDocument | undefined>
  /** Leaves that wait, the oldest first. */
  waiting(limit: number): Promise<WaitingLeaf[]>
  countWaiting(): Promise<number>
}
export const AuditQueue = Symbol('AuditQueue') as InjectionToken<AuditQueue>
