import type { DatabaseSync } from 'node:sqlite'
import { hasEnded, type State } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../../core/ports/store/documents/enrolment-document.ts'
import { isGuard, needsBan } from '../../../core/retention/decide-prune.ts'
import { parseSummed } from '../summed.ts'
import type { Part } from './parts.ts'
import type { TouchedParts } from './touched.ts'

/** Ended enrolments that stay in the cluster. Older ones are only in the file of the server that saw them end. */
export const endedKept = 1000

/** Most enrolments that one batch lets go. */
const atOnce = 50

/**
 * True if the cluster can do without the enrolment: it has ended, nothing is left to be done about it, and no ban rests on it. The
 * ban list follows the store, so a server without an enrolment that guards a name would lift the ban.
 */
export const mayGo = (enrolment: EnrolmentDocument): boolean =>
  hasEnded(enrolment) && enrolment.settled === true && !isGuard(enrolment) && !needsBan(enrolment)

/** Knows which ended enrolments are in the cluster, and lets the oldest go. Everything is written in the caller's transaction. */
export const endedEnrolments = (database: DatabaseSync, most = endedKept) => {
  const enrolment = database.prepare('SELECT state, revision, document FROM enrolments WHERE id = ?')
  const keep = database.prepare(
    'INSERT INTO kept_ended VALUES ($id, $since) ON CONFLICT (enrolment) DO UPDATE SET since = $since'
  )
  const drop = database.prepare('DELETE FROM kept_ended WHERE enrolment = ?')
  const count = database.prepare('SELECT count(*) AS count FROM kept_ended')
  const oldest = database.prepare('SELECT enrolment FROM kept_ended ORDER BY since, enrolment LIMIT ?')
  const isGone = database.prepare('SELECT 1 FROM let_go WHERE enrolment = ?')
  const any = database.prepare('SELECT 1 FROM let_go LIMIT 1')
  const letGo = database.prepare('INSERT INTO let_go VALUES (?)')
  const takeBack = database.prepare('DELETE FROM let_go WHERE enrolment = ?')

  const note = (id: string): void => {
    const row = enrolment.get(id)
    // most have not ended, and their documents are long
    const hasItEnded = row !== undefined && hasEnded({ state: row.state as State })
    const document = hasItEnded && parseSummed<EnrolmentDocument>(String(row.document), Number(row.revision))
    if (!document || !mayGo(document)) {
      drop.run(id)
      takeBack.run(id)
    } else if (isGone.get(id) === undefined) keep.run({ id, since: document.since })
  }

  return {
    /** Notes what became of the enrolments in these parts. */
    note: (parts: readonly Part[]): void => {
      for (const [kind, id] of parts) if (kind === 'subject') note(String(id))
    },
    /** Lets go of some of those that are too many. Their documents are then touched. Returns whether there were any. */
    letGo: (touched: Pick<TouchedParts, 'add'>): boolean => {
      const tooMany = Math.min(atOnce, Number(count.get()?.count) - most)
      if (tooMany <= 0) return false
      for (const { enrolment } of oldest.all(tooMany)) {
        drop.run(enrolment as string)
        letGo.run(enrolment as string)
        touched.add(['subject', String(enrolment)])
      }
      return true
    },
    /** True if the part is in this file, and not in the cluster. */
    isLetGo: ([kind, id]: Part): boolean => kind === 'subject' && isGone.get(String(id)) !== undefined,
    /** True if no enrolment is only in this file. */
    isEmpty: (): boolean => any.get() === undefined,
    /** Forgets an enrolment of this file, which is in the cluster again, or in the way of something that is. */
    takeBack: (id: string): void => {
      drop.run(id)
      takeBack.run(id)
    }
  }
}
export type EndedEnrolments = ReturnType<typeof endedEnrolments>
