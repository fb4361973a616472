import type { StatementSync } from 'node:sqlite'
import type { AuditChange } from '../../core/ports/store/audit-queue.ts'
import { type Change, type CommitResult, decidedKept, type JoinsAtMost } from '../../core/ports/store/change.ts'
import type { CodeDocument } from '../../core/ports/store/documents/code-document.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import type { OutsiderDocument } from '../../core/ports/store/documents/outsider-document.ts'
import type { QueueChange } from '../../core/ports/store/notice-queue.ts'
import type { countJoins } from './joins/count-joins.ts'
import type { Statements } from './statements.ts'
import { summed } from './summed.ts'
import type { TimelineWriter } from './timeline/timeline-writer.ts'

/** Writers of the parts of a change that have tables of their own. Each returns false if it was written at another revision. */
interface PartWriters {
  queue: (change: QueueChange) => boolean
  audit: (change: AuditChange) => boolean
  leaf: (text: string) => void
  entry: TimelineWriter['write']
  /** Number of machines that join at that time. */
  joins: ReturnType<typeof countJoins>
}

/** Makes the function that writes a change, whole or not at all, within the caller's transaction. */
export const changeWriter = (statements: Statements, parts: PartWriters): ((change: Change) => CommitResult) => {
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

  return writeApart

  function writeApart(change: Change): CommitResult {
    statements.savepoint.run()
    const result = write(change)
    if (result !== 'committed' || change.tried) statements.undo.run()
    statements.release.run()
    return result
  }

  function write(change: Change): CommitResult {
    // first: what was decided already must not look like a race, after which somebody would decide again
    if (!writeDecided(change)) return 'decided'
    if (change.unclaimed?.some((name) => statements.takenName.get(name) !== undefined)) return 'stale'
    const noPlace = refusedPlace(change)
    if (noPlace !== undefined) return noPlace
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
      // the folder may have more leaves, as after a backup
      statements.markAudit.run()
      statements.settleMark.run()
      statements.passGeneration.run()
    }
    return 'committed'
  }

  /** Writes each document. False for a document whose revision in the store is not the one that it was read at. */
  function writeDocuments({ codes, enrolments, outsiders, forgotten, gone, queue, audit }: Change): boolean[] {
    return [
      ...(codes ?? []).map(writeCode),
      ...(enrolments ?? []).map(writeEnrolment),
      ...(outsiders ?? []).map(writeOutsider),
      ...(forgotten ?? []).map(forget),
      ...(gone?.enrolments ?? []).map((one) => deleteAt(statements.deleteEnrolment, one)),
      ...(gone?.codes ?? []).map((one) => deleteAt(statements.deleteCode, one)),
      queue === undefined || parts.queue(queue),
      audit === undefined || parts.audit(audit)
    ]
  }

  function writeTimelines({ untold, entries, leaves }: Change): void {
    for (const subject of untold ?? []) statements.deleteTimeline.run(subject)
    for (const { subject, entry } of entries ?? []) parts.entry(subject, entry)
    for (const leaf of leaves ?? []) parts.leaf(leaf)
  }

  /** Writes that the Decision is settled, and forgets older ones. False if it is settled already. */
  function writeDecided({ decided }: Change): boolean {
    if (decided === undefined) return true
    statements.deleteDecided.run(new Date(Date.parse(decided.at) - decidedKept).toISOString())
    return statements.insertDecided.run(decided.uid, decided.at, summed(decided)).changes === 1
  }

  function raiseGeneration(number: number): boolean {
    return statements.raiseGeneration.run({ number }).changes === 1
  }

  function deleteAt(statement: StatementSync, { id, revision }: Pick<EnrolmentDocument, 'id' | 'revision'>): boolean {
    statements.deleteTimeline.run(id)
    return statement.run(id, revision).changes === 1
  }

  /** The result for a machine that has no place among those that join. Undefined if it has one, or needs none. */
  function refusedPlace(change: Change): CommitResult | undefined {
    if (change.alone !== undefined && otherControlPlane(change.alone, change)) return 'control-plane-busy'
    return change.joinsAtMost !== undefined && isFull(change.joinsAtMost) ? 'joins-full' : undefined
  }

  function isFull({ at, machines }: JoinsAtMost): boolean {
    return parts.joins(at) >= machines
  }

  function otherControlPlane(now: Date, { enrolments = [] }: Change): boolean {
    const own = JSON.stringify(enrolments.map(({ id }) => id))
    return statements.otherControlPlane.get(now.toISOString(), own) !== undefined
  }
}

/** Value of the unique key column. An enrolment without an agent has no key, so its id stands in. */
const keyOf = ({ id, key, withoutAgent }: EnrolmentDocument): string => (withoutAgent ? id : key)

const takenBy = (error: unknown): CommitResult | undefined => {
  if (!(error instanceof Error) || !error.message.startsWith('UNIQUE constraint failed')) return undefined
  if (error.message.includes('enrolments.name')) return 'name-taken'
  if (error.message.includes('enrolments.key')) return 'key-taken'
  return 'stale'
}
