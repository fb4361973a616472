import { chmodSync, closeSync, existsSync, openSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { states as allStates, hasEnded, statesThat, type TimelineEntry } from '@joinery/protocol'
import { inTurns } from '../../core/base/in-turns.ts'
import type { Change, CommitResult, Decided } from '../../core/ports/store/change.ts'
import { diskFull } from '../../core/ports/store/disk-full.ts'
import type { CodeDocument } from '../../core/ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import type { OutsiderDocument } from '../../core/ports/store/documents/outsider-document.ts'
import type { Place } from '../../core/ports/store/ended.ts'
import type { WritableStore } from '../../core/ports/store/store.ts'
import { sqliteAudit } from './audit/sqlite-audit.ts'
import { changeWriter } from './commit.ts'
import { damageWatch, explained } from './damage.ts'
import { countJoins } from './joins/count-joins.ts'
import { refuseFollower } from './mirror/log-tables.ts'
import { sqliteHeads } from './sqlite-heads.ts'
import { sqliteNotices } from './sqlite-notices.ts'
import { sqliteSizes } from './sqlite-sizes.ts'
import { walk } from './sqlite-walk.ts'
import { prepareStatements, probeBytes } from './statements.ts'
import { parseSummed } from './summed.ts'
import { timelineWriter } from './timeline/timeline-writer.ts'
import { together } from './together.ts'
import { migrate, refuseNewer } from './versions/migrate.ts'

const ended = statesThat(hasEnded)

export interface SqliteOptions {
  /**
   * Called if what a commit wrote may not be on the disk. The server must not acknowledge that commit, nor any after
   * it.
   */
  syncFailed?: (error: Error) => void
}

/** Writers of the changes of a store: at once into its file, or into a log first. */
export interface Writes {
  add(change: Change): Promise<CommitResult>
  /** Throws if a commit would be refused now, and not because of the file. */
  check?(): void
  close(): void
}

/** The parts of a store with which changes are written into its file. */
export interface WriteParts {
  database: DatabaseSync
  guard: <T>(work: () => T) => T
  refuseDamaged: () => void
  /** Writes a change within the caller's transaction: all of it or nothing. */
  write: (change: Change) => CommitResult
}

/**
 * A Store in one SQLite file, or in memory with `:memory:`. With WAL and synchronous=FULL a commit is on disk. Throws `StartRefusal`
 * if the file follows the log of a cluster.
 */
export const sqliteStore = (file: string, { syncFailed = () => {} }: SqliteOptions = {}): WritableStore => {
  const database = explained(file, () => {
    const opened = openDatabase(file)
    refuseFollower(opened, file)
    return opened
  })
  return storeOn(database, file, syncFailed, intoFile)
}

/** Writes changes at once. A fsync takes longer than everything else together, so the commits of one turn of the event loop share it. */
const intoFile = ({ database, guard, refuseDamaged, write }: WriteParts): Writes => {
  const commits = together((changes: readonly Change[]) =>
    guard(() => {
      refuseDamaged()
      return withinTransaction(database, 'COMMIT', () => changes.map(write))
    })
  )
  return {
    add: commits.add,
    close: () => {
      commits.flush()
      database.close()
    }
  }
}

/** The Store of an open database. `syncFailed`: see `SqliteOptions`. */
export const storeOn = (
  database: DatabaseSync,
  file: string,
  syncFailed: (error: Error) => void,
  makeWrites: (parts: WriteParts) => Writes
): WritableStore => {
  const statements = prepareStatements(database)
  const heads = sqliteHeads((sql) => database.prepare(sql))
  const sizes = sqliteSizes(database, file)
  const { guard, lookAtStart, refuseDamaged, findWholeAgain } = damageWatch(database, syncFailed)
  const notices = sqliteNotices((sql) => database.prepare(sql), guard)
  const joins = countJoins(database)
  const audit = sqliteAudit((sql) => database.prepare(sql), guard)
  const write = changeWriter(statements, {
    queue: notices.write,
    audit: audit.write,
    leaf: audit.add,
    joins,
    entry: timelineWriter(database).write
  })
  const writes = makeWrites({ database, guard, refuseDamaged, write })
  lookAtStart()

  return {
    codeByHash: async (hash) => guard(() => read<CodeDocument>(statements.codeByHash.get(hash))),
    code: async (id) => guard(() => read<CodeDocument>(statements.code.get(id))),
    codes: async () => guard(() => list<CodeDocument>(statements.codes.all())),
    codesByName: async (name) => guard(() => list<CodeDocument>(statements.codesByName.all(name))),
    codesAfter: async (id = '', limit) => guard(() => list<CodeDocument>(statements.codesAfter.all(id, limit))),
    codesByShortId: async (short, limit) =>
      guard(() => list<CodeDocument>(statements.codesByShortId.all({ short, limit }))),
    codesOfObjects: async () => guard(() => list<CodeDocument>(statements.codesOfObjects.all())),
    namesPackage: async (sha256, since) =>
      guard(() => statements.codeOfPackage.get(sha256, since?.toISOString() ?? '') !== undefined),
    enrolment: async (id) => guard(() => read<EnrolmentDocument>(statements.enrolment.get(id))),
    enrolmentsByShortId: async (short, limit) =>
      guard(() => list<EnrolmentDocument>(statements.enrolmentsByShortId.all({ short, limit }))),
    enrolmentByKey: async (key) => guard(() => read<EnrolmentDocument>(statements.enrolmentByKey.get(key))),
    enrolments: async (states, enteredBy) => {
      const which = [JSON.stringify(states ?? allStates), enteredBy?.toISOString() ?? theEnd] as const
      const rows = () => (states === undefined ? statements.places.all() : statements.placesByState.all(...which))
      const places = guard(() => rows().map(({ place }) => Number(place)))
      return inTurns(places, (some) =>
        guard(() => list<EnrolmentDocument>(statements.enrolmentsByState.all(...which, JSON.stringify(some))))
      )
    },
    enrolmentsByKey: async (key) => guard(() => list<EnrolmentDocument>(statements.enrolmentsByKey.all(key))),
    endedBy: async (enteredBy, after, limit) => guard(() => endedBy(enteredBy.toISOString(), after, limit)),
    enrolmentsByName: async (name) => guard(() => list<EnrolmentDocument>(statements.enrolmentsByName.all(name))),
    walkEnrolments: (after, { state = null, name = null } = {}) =>
      walk(
        after,
        (from, limit) => guard(() => statements.enrolmentsAfter.all({ from, limit, state, name })),
        (row) => guard(() => document<EnrolmentDocument>(row))
      ),
    walkCodes: (after) =>
      walk(
        after,
        (from, limit) => guard(() => statements.codesFrom.all({ from, limit })),
        (row) => guard(() => document<CodeDocument>(row))
      ),
    countStates: async () =>
      guard(() => Object.fromEntries(statements.countStates.all().map(({ state, count }) => [state, Number(count)]))),
    joins: async (at) => guard(() => joins(at)),
    unsettled: async () => guard(heads.unsettled),
    headsByName: async (names) => guard(() => heads.byName(names)),
    headsByToken: async (tokenIds) => guard(() => heads.byToken(tokenIds)),
    takenNames: async (now) =>
      guard(() => new Set(statements.takenNames.all(now.toISOString()).map(({ name }) => String(name)))),
    namesNotedBanned: async () => guard(() => statements.namesNotedBanned.all().map(({ name }) => String(name))),
    namesHeld: async () => guard(() => statements.namesHeld.all().map(({ name }) => String(name))),
    isNamed: async (name, now) => guard(() => statements.isNamed.get(name, now.toISOString()) !== undefined),
    timeline: async (subject) =>
      guard(() => statements.timeline.all(subject).map((row) => parseSummed<TimelineEntry>(String(row.entry)))),
    alerts: async (since, limit) =>
      guard(() => {
        const from = since.toISOString()
        const last = statements.alerts.all(from, limit).map(({ subject, entry }) => ({
          subject: String(subject),
          entry: parseSummed<TimelineEntry>(String(entry))
        }))
        return { count: Number(statements.countAlerts.get(from)?.count), last }
      }),
    outsiders: async () => guard(() => list<OutsiderDocument>(statements.outsiders.all())),
    decided: async (uids) =>
      guard(() =>
        statements.decided.all(JSON.stringify(uids)).map(({ document }) => parseSummed<Decided>(String(document)))
      ),
    restored: async () =>
      guard(() => {
        const { at, why, before } = statements.restored.get() ?? {}
        if (typeof at === 'string') return { why: `the store was restored from a backup at ${at}` }
        return typeof why === 'string' ? { why, ...(typeof before === 'string' && { before }) } : undefined
      }),
    generation: async () =>
      guard(() => {
        const { number, origin, sealed } = statements.generation.get() ?? {}
        return {
          number: Number(number),
          ...(origin !== null && { origin: origin as 'empty' | 'restored' }),
          ...(sealed === 1 && { sealed: true })
        }
      }),
    notices: notices.reads,
    audit: audit.reads,
    sizes: async (alertsSince) => guard(() => sizes(alertsSince)),
    commit: writes.add,
    check: async () => {
      guard(() => {
        requireRoom(file)
        // a real write: only that finds a disk that takes none
        statements.probe.run()
        findWholeAgain()
      })
      writes.check?.()
    },
    close: writes.close
  }

  /** Reads the enrolments that `by` ended, state by state: each state is an index by time. */
  function endedBy(by: string, after: Place | undefined, limit: number): EnrolmentDocument[] {
    const found: EnrolmentDocument[] = []
    const first = after === undefined ? 0 : ended.indexOf(after.state)
    for (const state of ended.slice(Math.max(0, first))) {
      const from = state === after?.state ? after : { since: '', id: '' }
      const rows = statements.ended.all(state, by, from.since, from.id, limit - found.length)
      found.push(...list<EnrolmentDocument>(rows))
      if (found.length === limit) break
    }
    return found
  }
}

/** Opens the file, or makes it, and brings it to the present version. */
export const openDatabase = (file: string): DatabaseSync => {
  if (file !== ':memory:') {
    refuseNewer(file)
    keepPrivate(file)
  }
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;')
  migrate(database)
  return database
}

/** Keeps the file for this user only, whatever the umask is. The files that SQLite makes beside it get its mode. */
const keepPrivate = (file: string): void => {
  try {
    closeSync(openSync(file, 'a', 0o600))
    for (const one of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(one)) chmodSync(one, 0o600)
  } catch {
    // SQLite says what is wrong with the file
  }
}

/** Throws `store-full` if there is no room for a probe and a commit after it. The probe may take some room itself. */
const requireRoom = (file: string): void => {
  if (file === ':memory:') return
  const { bavail, bsize } = statfsSync(dirname(file))
  if (bavail * bsize < 2 * probeBytes) throw diskFull()
}

/** Does `work` in a transaction that is kept or undone at its end. If `work` throws, it is undone. */
export const withinTransaction = <T>(database: DatabaseSync, end: 'COMMIT' | 'ROLLBACK', work: () => T): T => {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec(end)
    return result
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}

/** Text that sorts after every time. */
const theEnd = '9'

type Row = Record<string, SQLOutputValue>

/**
 * Parses the document of a row. The revision column is the truth: the document was written before its revision was
 * counted up.
 */
const document = <T extends { revision: number }>(row: Row): T => ({
  ...parseSummed<T>(String(row.document), Number(row.revision)),
  revision: Number(row.revision)
})
const read = <T extends { revision: number }>(row: Row | undefined): T | undefined =>
  row === undefined ? undefined : document<T>(row)
const list = <T extends { revision: number }>(rows: Row[]): T[] => rows.map((row) => document<T>(row))
