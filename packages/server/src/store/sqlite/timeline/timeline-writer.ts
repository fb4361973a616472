import type { DatabaseSync } from 'node:sqlite'
import type { TimelineEntry } from '@joinery/protocol'
import { entriesKept, lastingKept, wordsKept } from '../../store.ts'
import { parseSummed, summed } from '../summed.ts'
import { timelineStatements } from './timeline-statements.ts'

export interface TimelineWriter {
  /** Writes an entry, within the bounds of the timeline. */
  write(subject: string, entry: TimelineEntry): void
  /** Brings a timeline that was written without these bounds within them. */
  bound(subject: string): void
}

/** Kinds of entries that stay: alerts, and what operators did. Of each kind the middle is told in short, and the ends stay. */
type Lasting = 'alerts' | 'operator'

/** Entries of one event by one actor, with the number of their rows and the bytes of their words. */
interface Group {
  actor: string
  event: string
  many: number
  bytes: number
}

/**
 * Writes timelines and keeps them within `entriesKept`, `lastingKept` and `wordsKept`. Whoever causes entries pushes out nothing but
 * entries of the same kind, and a timeline always fits into one document of the log.
 */
export const timelineWriter = (database: DatabaseSync): TimelineWriter => {
  const statements = timelineStatements((sql) => database.prepare(sql))

  return {
    write: (subject, entry) => {
      const { at, actor, event, count } = entry
      const text = summed(entry)
      const isReplaced = count !== undefined && statements.replace.run(text, subject, actor, event, at).changes === 1
      const kind = lastingOf(entry)
      if (isShort(subject, text)) {
        if (!isReplaced) statements.insert.run(subject, actor, text)
        return
      }
      if (kind === undefined) {
        if (!isReplaced && hasRoom(subject, actor, bytesOf(entry))) statements.insert.run(subject, actor, text)
        return
      }
      if (!isReplaced) statements.insert.run(subject, actor, text)
      shorten(subject, kind)
    },
    bound: (subject) => {
      for (const kind of ['alerts', 'operator'] as const) shorten(subject, kind)
      for (const { actor } of statements.actors.all(subject)) {
        const author = String(actor)
        while (isFull(subject, author, 0) && remove(subject, author)) {
          // until it has room
        }
      }
    }
  }

  /** True if no bound is near, whosever the entries are. Most timelines stay so, and none of their entries is parsed to see it. */
  function isShort(subject: string, more: string): boolean {
    const { many, bytes } = statements.lengthOf.get(subject) ?? {}
    return Number(many) < lastingKept.all && Number(bytes) + Buffer.byteLength(more) <= leastWords
  }

  /** True if one more entry has room: beside the others, or in place of older ones. An agent has no such place. */
  function hasRoom(subject: string, actor: string, bytes: number): boolean {
    while (isFull(subject, actor, bytes)) {
      if (actor === 'agent' || statements.makeRoom.run(subject, actor).changes !== 1) return false
    }
    return true
  }

  function isFull(subject: string, actor: string, more: number): boolean {
    const { many, bytes } = statements.sizeOf.get(subject, actor) ?? {}
    return Number(many) + Math.sign(more) > entriesKept || Number(bytes) + more > (wordsKept[actor] ?? wordsOfOthers)
  }

  function remove(subject: string, actor: string): boolean {
    const statement = actor === 'agent' ? statements.removeLast : statements.makeRoom
    return statement.run(subject, actor).changes === 1
  }

  /** Joins entries in the middle of an event, until the kind is within its bounds. */
  function shorten(subject: string, kind: Lasting): void {
    for (;;) {
      const groups = statements[kind].all(subject) as unknown as Group[]
      const bytes = groups.reduce((sum, group) => sum + group.bytes, 0)
      const over =
        groups.find(({ many }) => many > lastingKept.all) ?? (bytes > wordsKept[kind] ? largest(groups) : undefined)
      if (over === undefined) return
      joinInTheMiddle(subject, over)
    }
  }

  /** Lets an entry stand for the one after it as well. The first ones stay as they are, and so do the last. */
  function joinInTheMiddle(subject: string, { actor, event, many }: Group): void {
    const at = Math.min(lastingKept.first, (many - 2) >> 1)
    const isAlert = actor === 'operator' ? 0 : 1
    const [one, next] = statements.entriesOf.all(subject, actor, event, isAlert, at)
    if (one === undefined || next === undefined) throw new Error('an entry of a timeline is not where it was')
    const [entry, after] = [one, next].map((row) => parseSummed<TimelineEntry>(String(row.entry))) as [
      TimelineEntry,
      TimelineEntry
    ]
    const joined = { ...entry, count: (entry.count ?? 1) + (after.count ?? 1), last: after.last ?? after.at }
    statements.put.run(summed(joined), one.sequence as number)
    statements.remove.run(next.sequence as number)
  }
}

/** Bytes of the words of an actor that has no share of its own. */
const wordsOfOthers = 8 * 1024

/** Bytes that each share has room for. The words of an entry are fewer than those of its JSON. */
const leastWords = Math.min(wordsOfOthers, ...Object.values(wordsKept))

/** The group with most bytes. Undefined if none has an entry to spare. */
const largest = (groups: readonly Group[]): Group | undefined =>
  groups.filter(({ many }) => many > 2).sort((one, other) => other.bytes - one.bytes)[0]

const lastingOf = ({ alert, actor }: TimelineEntry): Lasting | undefined => {
  if (alert) return 'alerts'
  return actor === 'operator' ? 'operator' : undefined
}

const bytesOf = ({ detail }: TimelineEntry): number => Math.max(1, Buffer.byteLength(detail))
