import type { TimelineEntry } from '@joinery/protocol'

/**
 * A timeline entry with its subject. `subject` is the id of a code or of an enrolment, `nodeSubject` of a name that neither
 * has, `policySubject`, `clusterSubject` or `storeSubject`.
 */
export interface SubjectEntry {
  subject: string
  entry: TimelineEntry
}

/** The subject of what happens to a name that Joinery did not give. */
export const nodeSubject = (name: string): string => `node/${name}`

/** The subject of what the server did with the cluster as a whole. */
export const clusterSubject = 'cluster'

/** The subject of what happens to the store itself. */
export const storeSubject = 'store'

/** The subject of what happens to the approval policy, or to a part of it. */
export const policySubject = (part: string): string => `policy/${part}`

/**
 * Most entries that are kept for one subject from each actor but operators. Later entries of agents are dropped: a machine that
 * nobody approved can neither fill the disk nor push out what others did. For the cluster and the server, the oldest entry of the
 * event that came most often makes room. So a Node that flaps pushes out nothing but its own flaps.
 */
export const entriesKept = 500

/**
 * Alerts, entries of operators, and uses of a code that are kept of one event of one subject: so many in all, of which so many are
 * the first ones. In the middle one entry stands for others as well: its `count` says for how many. The audit log has all of them.
 */
export const lastingKept = { all: 40, first: 10 } as const

/**
 * Bytes of words that a timeline keeps: of alerts, of operators, of uses, and of each actor but for its alerts. Beyond it, entries go
 * as they do beyond the other two bounds. Together with its enrolment a timeline must fit into one document of the log.
 */
export const wordsKept: Readonly<Record<string, number>> & { alerts: number; operator: number; uses: number } = {
  alerts: 32 * 1024,
  operator: 24 * 1024,
  uses: 12 * 1024,
  agent: 48 * 1024,
  cluster: 24 * 1024,
  server: 24 * 1024,
  policy: 12 * 1024
}
