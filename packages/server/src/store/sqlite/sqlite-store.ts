import { chmodSync, closeSync, existsSync, openSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { states as allStates, ended, holding, naming, ProblemError, type TimelineEntry } from '@joinery/protocol'
import { inTurns } from '../../base/in-turns.ts'
import { diskFull } from '../disk-full.ts'
import type { Placed } from '../list-page.ts'
import {
  type Change,
  type CodeDocument,
  type CommitResult,
  type EnrolmentDocument,
  entriesKept,
  type OutsiderDocument,
  type Place,
  type Store
} from '../store.ts'
import { migrate, refuseNewer } from './migrate.ts'
import { requireWhole } from './require-whole.ts'
import { sqliteHeads } from './sqlite-heads.ts'
import { isFailedSync, sqliteProblem } from './sqlite-problem.ts'
import { walk } from './sqlite-walk.ts'
import { parseSummed, summed } from './summed.ts'
import { together } from './together.ts'

const quoted = (states: readonly string[]): string => states.map((state) => `'${state}'`).join(', ')

/** Out of `naming`, but it had a credential for its name. A document that is damaged is none: a check finds it. */
const endedAfterClaim = `state NOT IN (${quoted(naming)})
  AND json_valid(document) AND json_array_length(document, '$.attempts') > 0`

/** The package of a code that was not revoked. */
const servedPackage = `CASE WHEN json_valid(document) AND document ->> '$.revoked' IS NULL THEN document ->> '$.package' END`

/** Of a code that no machine has used, and nobody revoked. */
const isUnused = `json_valid(document) AND document ->> '$.enrolment' IS NULL AND document ->> '$.revoked' IS NULL`

/** It notes that its name is banned. */
const notesBan = `json_valid(document) AND document ->> '$.certificateBanned' = 1`

const isAlert = `json_valid(entry) AND entry ->> '$.alert' = 1`

/** As much as a commit writes of a machine that has much to say: a disk with room for less is full. */
const probeBytes = 64 * 1024

export interface SqliteOptions {
  /** What a commit wrote may not be on the disk: it is not acknowledged, and nothing after it is to be. */
  syncFailed?: (error: Error) => void
}

/** A Store in one SQLite file, or in memory with `:memory:`. WAL and synchronous=FULL: a commit is on disk. */
export const sqliteStore = (file: string, { syncFailed = () => {} }: SqliteOptions = {}): Store => {
  const database = explained(file, () => open(file))
  const prepare = (sql: string) => database.prepare(sql)
  const statements = {
    codeByHash: prepare('SELECT revision, document FROM codes WHERE hash = ?'),
    code: prepare('SELECT revision, document FROM codes WHERE id = ?'),
    codes: prepare('SELECT revision, document FROM codes ORDER BY rowid'),
    codesByName: prepare(
      "SELECT revision, document FROM codes WHERE json_valid(document) AND document ->> '$.name' = ? ORDER BY rowid"
    ),
    codeOfPackage: prepare(`SELECT 1 FROM codes WHERE ${servedPackage} = ? AND document ->> '$.expires' >= ? LIMIT 1`),
    enrolment: prepare('SELECT revision, document FROM enrolments WHERE id = ?'),
    enrolmentByKey: prepare('SELECT revision, document FROM enrolments WHERE key = ? ORDER BY rowid DESC LIMIT 1'),
    enrolmentsByKey: prepare('SELECT revision, document FROM enrolments WHERE key = ? ORDER BY rowid'),
    ended: prepare(
      `SELECT revision, document FROM enrolments WHERE state = ? AND since <= ? AND (since, id) > (?, ?)
      ORDER BY since, id LIMIT ?`
    ),
    codesAfter: prepare('SELECT revision, document FROM codes WHERE id > ? ORDER BY id LIMIT ?'),
    enrolmentsByName: prepare('SELECT revision, document FROM enrolments WHERE name = ? ORDER BY rowid'),
    enrolmentsAfter: prepare(
      `SELECT rowid AS place, revision, document FROM enrolments NOT INDEXED WHERE rowid > $from
      AND ($state IS NULL OR state = $state) AND ($name IS NULL OR name = $name) ORDER BY rowid LIMIT $limit`
    ),
    codesFrom: prepare(
      'SELECT rowid AS place, revision, document FROM codes WHERE rowid > $from ORDER BY rowid LIMIT $limit'
    ),
    countStates: prepare('SELECT state, count(*) AS count FROM enrolments NOT INDEXED GROUP BY state'),
    // by the table itself: an index may be whole where that is damaged
    places: prepare('SELECT rowid AS place FROM enrolments NOT INDEXED ORDER BY rowid'),
    placesByState: prepare(
      'SELECT rowid AS place FROM enrolments WHERE state IN (SELECT value FROM json_each(?)) AND since <= ? ORDER BY rowid'
    ),
    enrolmentsByState: prepare(
      `SELECT revision, document FROM enrolments WHERE +state IN (SELECT value FROM json_each(?)) AND +since <= ?
      AND rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid`
    ),
    takenNames: prepare(
      `SELECT name FROM enrolments WHERE state IN (${quoted(naming)})
      UNION SELECT name FROM enrolments WHERE ${endedAfterClaim}
      UNION SELECT document ->> '$.name' FROM codes
        WHERE ${isUnused} AND document ->> '$.expires' > ? AND document ->> '$.name' IS NOT NULL`
    ),
    namesNotedBanned: prepare(`SELECT DISTINCT name FROM enrolments WHERE ${notesBan}`),
    namesHeld: prepare(`SELECT name FROM enrolments WHERE state IN (${quoted(holding)})`),
    isNamed: prepare(
      `SELECT 1 FROM codes WHERE json_valid(document) AND document ->> '$.name' = ? AND (
        (${isUnused} AND document ->> '$.expires' > ?)
        OR EXISTS (SELECT 1 FROM enrolments WHERE id = codes.document ->> '$.enrolment' AND state IN (${quoted(naming)}))
      ) LIMIT 1`
    ),
    takenName: prepare(
      `SELECT 1 FROM enrolments WHERE name = ? AND (state IN (${quoted(naming)}) OR ${endedAfterClaim}) LIMIT 1`
    ),
    otherControlPlane: prepare(
      `SELECT 1 FROM enrolments WHERE state IN ('joining', 'joined') AND json_extract(document, '$.role') = 'control-plane'
        AND json_extract(document, '$.attempts[#-1].deadline') > ? AND id NOT IN (SELECT value FROM json_each(?)) LIMIT 1`
    ),
    timeline: prepare('SELECT entry FROM timeline WHERE subject = ? ORDER BY sequence'),
    alerts: prepare(
      `SELECT subject, entry FROM timeline WHERE ${isAlert} AND entry ->> '$.at' >= ? ORDER BY sequence DESC LIMIT ?`
    ),
    countAlerts: prepare(`SELECT count(*) AS count FROM timeline WHERE ${isAlert} AND entry ->> '$.at' >= ?`),
    outsiders: prepare('SELECT revision, document FROM outsiders ORDER BY rowid'),
    insertOutsider: prepare(
      'INSERT INTO outsiders (name, revision, document) VALUES (?, 1, ?) ON CONFLICT (name) DO NOTHING'
    ),
    updateOutsider: prepare(
      'UPDATE outsiders SET revision = revision + 1, document = ? WHERE name = ? AND revision = ?'
    ),
    deleteEnrolment: prepare('DELETE FROM enrolments WHERE id = ? AND revision = ?'),
    deleteCode: prepare('DELETE FROM codes WHERE id = ? AND revision = ?'),
    deleteTimeline: prepare('DELETE FROM timeline WHERE subject = ?'),
    deleteOutsider: prepare('DELETE FROM outsiders WHERE name = ? AND revision = ?'),
    insertCode: prepare(
      'INSERT INTO codes (id, hash, revision, document) VALUES (?, ?, 1, ?) ON CONFLICT (id) DO NOTHING'
    ),
    updateCode: prepare('UPDATE codes SET revision = revision + 1, document = ? WHERE id = ? AND revision = ?'),
    insertEnrolment: prepare(
      'INSERT INTO enrolments (id, key, name, state, since, revision, document) VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT (id) DO NOTHING'
    ),
    updateEnrolment: prepare(
      'UPDATE enrolments SET key = ?, name = ?, state = ?, since = ?, revision = revision + 1, document = ? WHERE id = ? AND revision = ?'
    ),
    insertEntry: prepare('INSERT INTO timeline (subject, actor, entry) VALUES (?, ?, ?)'),
    countEntries: prepare('SELECT count(*) AS count FROM timeline WHERE subject = ? AND actor = ?'),
    replaceEntry: prepare(
      `UPDATE timeline SET entry = ? WHERE sequence = (SELECT max(sequence) FROM timeline
        WHERE subject = ? AND actor = ? AND json_valid(entry) AND entry ->> '$.event' = ? AND entry ->> '$.at' = ?)`
    ),
    makeRoom: prepare(
      `WITH others AS (SELECT sequence, entry ->> '$.event' AS event FROM timeline
        WHERE subject = ? AND actor = ? AND json_valid(entry) AND NOT (${isAlert}))
      DELETE FROM timeline WHERE sequence = (SELECT min(sequence) FROM others
        WHERE event = (SELECT event FROM others GROUP BY event ORDER BY count(*) DESC LIMIT 1))`
    ),
    restored: prepare('SELECT at FROM restored'),
    settleRestore: prepare('UPDATE restored SET at = NULL'),
    generation: prepare('SELECT number, origin FROM generation'),
    raiseGeneration: prepare('UPDATE generation SET number = $number, origin = NULL WHERE number < $number'),
    passGeneration: prepare("UPDATE generation SET origin = 'restored'"),
    savepoint: prepare('SAVEPOINT change'),
    release: prepare('RELEASE change'),
    undo: prepare('ROLLBACK TO change'),
    // what is the same again would not be written
    probe: prepare(
      `INSERT INTO probe VALUES (1, 1, randomblob(${probeBytes}))
      ON CONFLICT (id) DO UPDATE SET writes = writes + 1, room = randomblob(${probeBytes})`
    )
  }

  const heads = sqliteHeads(prepare)

  let commitsSoFar = 0

  /** What a call failed by, until all of the file was read again: what is whole proves nothing of the rest. */
  let trouble: ProblemError | undefined
  const guard = <T>(work: () => T): T => {
    try {
      return explained('the database', work)
    } catch (error) {
      if (error instanceof ProblemError && isFailedSync(error.cause)) syncFailed(error.cause)
      const lasting = error instanceof ProblemError && error.code !== 'store-full'
      if (lasting && trouble?.code !== 'store-damaged') trouble = error
      throw error
    }
  }
  // a server on a damaged store starts, says so, and acknowledges nothing
  try {
    guard(() => requireWhole(database))
  } catch (error) {
    if (trouble === undefined) throw error
  }
  const refuseDamaged = (): void => {
    if (trouble?.code === 'store-damaged') throw trouble
  }
  const findWholeAgain = (): void => {
    if (trouble === undefined) return
    requireWhole(database)
    trouble = undefined
  }

  const writeCode = (code: CodeDocument): boolean => {
    const document = summed(code, code.revision + 1)
    const { changes } =
      code.revision === 0
        ? statements.insertCode.run(code.id, code.hash, document)
        : statements.updateCode.run(document, code.id, code.revision)
    return changes === 1
  }
  const writeEnrolment = (enrolment: EnrolmentDocument): boolean => {
    const { id, name, state, since, revision } = enrolment
    const document = summed(enrolment, enrolment.revision + 1)
    const { changes } =
      revision === 0
        ? statements.insertEnrolment.run(id, keyOf(enrolment), name, state, since, document)
        : statements.updateEnrolment.run(keyOf(enrolment), name, state, since, document, id, revision)
    return changes === 1
  }

  const writeOutsider = (outsider: OutsiderDocument): boolean => {
    const { name, revision } = outsider
    const document = summed(outsider, outsider.revision + 1)
    const { changes } =
      revision === 0
        ? statements.insertOutsider.run(name, document)
        : statements.updateOutsider.run(document, name, revision)
    return changes === 1
  }
  const forget = ({ name, revision }: Pick<OutsiderDocument, 'name' | 'revision'>): boolean =>
    statements.deleteOutsider.run(name, revision).changes === 1

  // a fsync takes longer than everything else together: commits of one turn of the event loop share it
  const commits = together((changes: readonly Change[]) =>
    guard(() => {
      refuseDamaged()
      return transaction(database, () => changes.map(writeApart))
    })
  )

  return {
    codeByHash: async (hash) => guard(() => read<CodeDocument>(statements.codeByHash.get(hash))),
    code: async (id) => guard(() => read<CodeDocument>(statements.code.get(id))),
    codes: async () => guard(() => list<CodeDocument>(statements.codes.all())),
    codesByName: async (name) => guard(() => list<CodeDocument>(statements.codesByName.all(name))),
    codesAfter: async (id = '', limit) => guard(() => list<CodeDocument>(statements.codesAfter.all(id, limit))),
    namesPackage: async (sha256, since) =>
      guard(() => statements.codeOfPackage.get(sha256, since?.toISOString() ?? '') !== undefined),
    enrolment: async (id) => guard(() => read<EnrolmentDocument>(statements.enrolment.get(id))),
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
      walk(after, (from, limit) =>
        guard(() => placed<EnrolmentDocument>(statements.enrolmentsAfter.all({ from, limit, state, name })))
      ),
    walkCodes: (after) =>
      walk(after, (from, limit) => guard(() => placed<CodeDocument>(statements.codesFrom.all({ from, limit })))),
    countStates: async () =>
      guard(() => Object.fromEntries(statements.countStates.all().map(({ state, count }) => [state, Number(count)]))),
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
    restored: async () =>
      guard(() => {
        const at = statements.restored.get()?.at
        return typeof at === 'string' ? at : undefined
      }),
    generation: async () =>
      guard(() => {
        const { number, origin } = statements.generation.get() ?? {}
        return { number: Number(number), ...(origin !== null && { origin: origin as 'empty' | 'restored' }) }
      }),
    commits: () => commitsSoFar,
    commit: commits.add,
    check: async () =>
      guard(() => {
        requireRoom(file)
        // a real write: only that tells a disk that takes none
        statements.probe.run()
        findWholeAgain()
      }),
    close: () => {
      commits.flush()
      database.close()
    }
  }

  function writeApart(change: Change): CommitResult {
    statements.savepoint.run()
    const result = write(change)
    if (result !== 'committed') statements.undo.run()
    else if (Object.keys(change).some((part) => part !== 'generation')) commitsSoFar += 1
    statements.release.run()
    return result
  }

  function write(change: Change): CommitResult {
    if (change.unclaimed?.some((name) => statements.takenName.get(name) !== undefined)) return 'stale'
    if (change.alone !== undefined && otherControlPlane(change.alone, change)) return 'control-plane-busy'
    if (change.generation !== undefined && !raiseGeneration(change.generation)) return 'stale'
    try {
      if (writeDocuments(change).includes(false)) return 'stale'
    } catch (error) {
      const taken = takenBy(error)
      if (taken === undefined) throw error
      return taken
    }
    writeTimelines(change)
    if (change.settlesRestore) {
      statements.settleRestore.run()
      statements.passGeneration.run()
    }
    return 'committed'
  }

  /** For each document whether it was written: false if the store has another revision than it was read at. */
  function writeDocuments({ codes, enrolments, outsiders, forgotten, gone }: Change): boolean[] {
    return [
      ...(codes ?? []).map(writeCode),
      ...(enrolments ?? []).map(writeEnrolment),
      ...(outsiders ?? []).map(writeOutsider),
      ...(forgotten ?? []).map(forget),
      ...(gone?.enrolments ?? []).map((one) => deleteAt(statements.deleteEnrolment, one)),
      ...(gone?.codes ?? []).map((one) => deleteAt(statements.deleteCode, one))
    ]
  }

  function writeTimelines({ untold, entries }: Change): void {
    for (const subject of untold ?? []) statements.deleteTimeline.run(subject)
    for (const { subject, entry } of entries ?? []) writeEntry(subject, entry)
  }

  function raiseGeneration(number: number): boolean {
    return statements.raiseGeneration.run({ number }).changes === 1
  }

  function deleteAt(statement: StatementSync, { id, revision }: Pick<EnrolmentDocument, 'id' | 'revision'>): boolean {
    statements.deleteTimeline.run(id)
    return statement.run(id, revision).changes === 1
  }

  /** State by state: each is an index by time. */
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

  function otherControlPlane(now: Date, { enrolments = [] }: Change): boolean {
    const own = JSON.stringify(enrolments.map(({ id }) => id))
    return statements.otherControlPlane.get(now.toISOString(), own) !== undefined
  }

  function writeEntry(subject: string, entry: TimelineEntry): void {
    const { at, actor, event, alert, count } = entry
    const text = summed(entry)
    if (count !== undefined && statements.replaceEntry.run(text, subject, actor, event, at).changes === 1) return
    if (alert || actor === 'operator' || hasRoom(subject, actor)) statements.insertEntry.run(subject, actor, text)
  }

  function hasRoom(subject: string, actor: string): boolean {
    if (Number(statements.countEntries.get(subject, actor)?.count) < entriesKept) return true
    return actor !== 'agent' && statements.makeRoom.run(subject, actor).changes === 1
  }
}

/** Does `work`; what SQLite says of it becomes a problem. */
const explained = <T>(database: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw sqliteProblem(error, database) ?? error
  }
}

const open = (file: string): DatabaseSync => {
  if (file !== ':memory:') {
    refuseNewer(file)
    keepPrivate(file)
  }
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;')
  migrate(database)
  return database
}

/** For this user alone, whatever the umask is. What SQLite makes beside the file gets the file's mode. */
const keepPrivate = (file: string): void => {
  try {
    closeSync(openSync(file, 'a', 0o600))
    for (const one of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(one)) chmodSync(one, 0o600)
  } catch {
    // SQLite says what is wrong with it
  }
}

/** For a probe, which may take room itself, and a commit after it. */
const requireRoom = (file: string): void => {
  if (file === ':memory:') return
  const { bavail, bsize } = statfsSync(dirname(file))
  if (bavail * bsize < 2 * probeBytes) throw diskFull()
}

const transaction = <T>(database: DatabaseSync, work: () => T): T => {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}

/** After every time. */
const theEnd = '9'

/** Of which there is one: enrolments without a key are not in each other's way. */
const keyOf = ({ id, key, withoutAgent }: EnrolmentDocument): string => (withoutAgent ? id : key)

type Row = Record<string, SQLOutputValue>

/** The revision column is the truth: the document was written before it was counted up. */
const document = <T extends { revision: number }>(row: Row): T => ({
  ...parseSummed<T>(String(row.document), Number(row.revision)),
  revision: Number(row.revision)
})
const read = <T extends { revision: number }>(row: Row | undefined): T | undefined =>
  row === undefined ? undefined : document<T>(row)
const placed = <T extends { revision: number }>(rows: Row[]): Placed<T>[] =>
  rows.map((row) => ({ place: Number(row.place), item: document<T>(row) }))
const list = <T extends { revision: number }>(rows: Row[]): T[] => rows.map((row) => document<T>(row))

const takenBy = (error: unknown): CommitResult | undefined => {
  if (!(error instanceof Error) || !error.message.startsWith('UNIQUE constraint failed')) return undefined
  if (error.message.includes('enrolments.name')) return 'name-taken'
  if (error.message.includes('enrolments.key')) return 'key-taken'
  return 'stale'
}
