import type { State } from '@joinery/protocol'
import type { EnrolmentDocument } from '../../../core/ports/store/documents/enrolment-document.ts'
import { openDatabase } from '../sqlite-store.ts'
import { parseSummed } from '../summed.ts'

const states: readonly State[] = ['rejected', 'removed']

/** The enrolments that a store which was put aside has as rejected or removed. */
export const lostDecisions = (file: string): EnrolmentDocument[] => {
  const database = openDatabase(file)
  try {
    return database
      .prepare('SELECT document, revision FROM enrolments WHERE state IN (SELECT value FROM json_each(?))')
      .all(JSON.stringify(states))
      .map(({ document, revision }) => parseSummed<EnrolmentDocument>(String(document), Number(revision)))
  } finally {
    database.close()
  }
}
