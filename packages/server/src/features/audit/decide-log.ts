import { type LeafValues, leafTextOf, type OwnEvent, readLeaf, type TimelineEvent } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { type Appended, appendLeaves, base64Of, emptyTree, rootOfTree, type Tree } from '@joinery/tlog'
import type { AuditLogDocument, WaitingLeaf } from '../../core/ports/store/audit-queue.ts'
import { inOrder, nextName } from './log-names.ts'

/** The newest checkpoint in the folder of a log, signed by this server. */
export interface Published {
  size: number
  /** Root in base64. */
  root: string
}

/** Everything that the next step of the audit log is decided on. */
export interface LogSituation {
  /** The log as the store has it. Undefined before the first one. */
  log: AuditLogDocument | undefined
  waiting: readonly WaitingLeaf[]
  now: Date
  /** Origin of the logs of this server, without the name of one. */
  origin: string
  /** The checkpoint in the folder of this log. Undefined if there is none, or none that this server signed. */
  published: Published | undefined
  /** The newest log in the folder, if there is one: this log, or one that this store does not know. */
  newest: { name: string; published: Published | undefined } | undefined
  /** Names of the logs in the folder. */
  names: readonly string[]
  /** Address of this server, if it is one of several. Each has a folder of its own. */
  server?: string
}

/** An alert that a step writes. */
export interface LogAlert {
  event: TimelineEvent
  detail: string
}

/**
 * - nothing: everything that is durable is in the folder
 * - note: only the store is written: a log begins, or is about to end
 * - append: leaves go into the folder, then a checkpoint, and then the store is told
 */
export type LogStep =
  | { do: 'nothing' }
  | { do: 'note'; log: AuditLogDocument; alert?: LogAlert }
  | { do: 'append'; appended: Appended; log: AuditLogDocument; through?: number }

/**
 * The next step of the audit log. A step can be done again after any crash: the same leaves make the same files, and a checkpoint in
 * the folder is only ever followed by a larger one. If the folder does not fit the store, this log ends as it is, and another begins
 * that names it: nothing that was given out is overwritten.
 */
export const decideLog = (situation: LogSituation): LogStep => {
  const { log, waiting, now, origin, published, server } = situation
  if (log === undefined) return begin(situation, Math.min(now.getUTCFullYear(), yearOf(waiting[0], now)), {})
  const year = Number(log.name.slice(0, 4))
  if (log.restored) return begin(situation, year, { why: 'the store came out of a backup, or etcd was restored' })
  if (isElsewhere(situation, log)) {
    // nothing was lost: the other folder keeps its log
    return begin(situation, year, { why: `the server at ${server} goes on after the one at ${log.server}` })
  }
  if (log.origin !== origin) {
    const why = `the server signs with another key since ${now.toISOString()}`
    return begin(situation, year, { why, event: 'audit-key' })
  }
  const mine = log.next?.closes ? [] : takeWhile(waiting, (one) => yearOf(one, now) <= year)
  const leaves = [...(log.next === undefined ? [] : [log.next.leaf]), ...mine.map(({ leaf }) => leaf)]
  const bytes = leaves.map((leaf) => Buffer.from(leaf))
  const fault = faultOf(log.tree, bytes, published)
  if (fault !== undefined) return begin(situation, year, fault)
  if (leaves.length === 0) {
    const ends = waiting.length > 0 || now.getUTCFullYear() > year
    return ends ? { do: 'note', log: { ...log, next: { leaf: closing(log, now), closes: true } } } : { do: 'nothing' }
  }
  const appended = appendLeaves(log.tree, bytes)
  const { next, ...others } = log
  const after = { ...others, tree: appended.tree, ...given({ server }) }
  return {
    do: 'append',
    appended,
    log: next?.closes ? followed(situation, after) : after,
    ...given({ through: mine.at(-1)?.sequence })
  }
}

/** Full origin of a log. */
export const originOf = ({ origin, name }: Pick<AuditLogDocument, 'origin' | 'name'>): string => `${origin}/${name}`

/** The root of a tree, in base64. */
export const rootText = (tree: Tree): string => base64Of(rootOfTree(tree))

/** True if the folder of another server has the log. What that server wrote last, nobody else knows. */
const isElsewhere = ({ server }: LogSituation, log: AuditLogDocument): boolean =>
  server !== undefined && log.server !== undefined && log.server !== server

interface Why {
  why?: string
  event?: TimelineEvent
}

/** The fault of the folder: it has more than the store knows, less, or something else. Undefined if it fits. */
const faultOf = (tree: Tree, leaves: readonly Uint8Array[], published: Published | undefined): Why | undefined => {
  const { size, root } = published ?? { size: 0, root: rootText(emptyTree) }
  const more = size - tree.size
  if (more < 0) {
    const why = `the folder has ${size} leaves of the log, and there were ${tree.size}`
    return { why, event: 'audit-lost' }
  }
  const fits = more <= leaves.length && rootText(appendLeaves(tree, leaves.slice(0, more)).tree) === root
  if (fits) return undefined
  const why = `the folder has a signed log of ${size} leaves, which the store with ${tree.size} does not know: the store is an older one`
  return { why, event: 'audit-ahead' }
}

/** Begins another log, which names the one before as far as anybody knows it. */
const begin = (situation: LogSituation, year: number, { why, event }: Why): LogStep => {
  const { log, now, origin, server } = situation
  const name = newName(situation, Math.max(year, now.getUTCFullYear()))
  const before = logBefore(situation)
  const opened = opening(now, { ...given({ detail: why }), ...before })
  return {
    do: 'note',
    log: { revision: log?.revision ?? 0, name, origin, tree: emptyTree, next: { leaf: opened }, ...given({ server }) },
    ...(event !== undefined && {
      alert: {
        event,
        detail: `${why}; the audit log goes on as ${name}, and nothing of ${before?.log.split('/').at(-1)} is overwritten`
      }
    })
  }
}

/** The fields of the first leaf of a log that name the one before. */
interface Before extends Published {
  log: string
}

/** The log before the one that begins now. It is the newest in the folder, if the store does not know a newer one. */
const logBefore = (situation: LogSituation): Before | undefined => {
  const { log, origin, newest } = situation
  const isElse = log !== undefined && (isElsewhere(situation, log) || (newest && inOrder(newest.name, log.name) < 0))
  if (newest?.published !== undefined && !isElse)
    return { log: originOf({ origin: log?.origin ?? origin, name: newest.name }), ...newest.published }
  if (log === undefined) return undefined
  // a log that began and has nothing yet may be nowhere
  if (log.tree.size === 0 && log.next !== undefined) return namedBy(log.next.leaf)
  return { log: originOf(log), size: log.tree.size, root: rootText(log.tree) }
}

const namedBy = (opened: string): Before | undefined => {
  const { log, size, root } = readLeaf(opened)?.fields ?? {}
  return typeof log === 'string' && typeof size === 'number' && typeof root === 'string'
    ? { log, size, root }
    : undefined
}

/** The log after the one that has just got its last leaf. */
const followed = (situation: LogSituation, closed: AuditLogDocument): AuditLogDocument => {
  const { now, waiting } = situation
  const year = Math.max(now.getUTCFullYear(), yearOf(waiting[0], now), Number(closed.name.slice(0, 4)))
  const { size } = closed.tree
  const leaf = opening(now, { log: originOf(closed), size, root: rootText(closed.tree) })
  return { ...closed, name: newName(situation, year), tree: emptyTree, next: { leaf } }
}

const newName = ({ names, log }: LogSituation, year: number): string =>
  nextName([...names, ...(log === undefined ? [] : [log.name])], year)

const opening = (now: Date, fields: LeafValues): string => ownLeaf('log-opened', now, fields)
const closing = (log: AuditLogDocument, now: Date): string => ownLeaf('log-closed', now, { log: originOf(log) })

const ownLeaf = (event: OwnEvent, now: Date, fields: LeafValues): string =>
  leafTextOf({ v: 1, time: now.toISOString(), event, subject: 'audit', actor: 'server', fields: { ...fields } })

/** Year of a leaf, in UTC. */
const yearOf = (waiting: WaitingLeaf | undefined, now: Date): number => {
  const time = Date.parse(readLeaf(waiting?.leaf ?? '')?.time ?? '')
  return Number.isNaN(time) ? now.getUTCFullYear() : new Date(time).getUTCFullYear()
}

const takeWhile = <T>(all: readonly T[], fits: (one: T) => boolean): readonly T[] => {
  const end = all.findIndex((one) => !fits(one))
  return end < 0 ? all : all.slice(0, end)
}
