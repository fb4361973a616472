import { printDocument } from '../output/document.ts'
import { enrolmentTable } from '../output/enrolment-table.ts'
import { enrolmentName } from '../references.ts'
import type { Session } from '../session.ts'

/** From an answer to the next look, in milliseconds. A look at 100 machines costs the server 2 ms, at 5,000 some 0.2 s. */
const interval = 1000

/**
 * The list, and then each enrolment again when it has changed. Whole lists are compared, so nothing depends on having
 * seen every step. Ends by an error, or by a signal.
 */
export const watchList = async (session: Session, headers: boolean): Promise<never> => {
  const { client, terminal, format } = session
  const printed = new Map<string, string>()
  const widths: number[] = []
  for (;;) {
    const { items } = await client.list()
    const changed = items.filter((enrolment) => printed.get(enrolment.id) !== JSON.stringify(enrolment))
    if (format === 'table' || format === 'wide') {
      if (changed.length > 0) terminal.out(enrolmentTable(session, changed, headers && printed.size === 0, widths))
    } else {
      for (const enrolment of changed) printDocument(session, enrolment, () => [enrolmentName(enrolment, items)])
    }
    for (const enrolment of changed) printed.set(enrolment.id, JSON.stringify(enrolment))
    await terminal.pause(interval)
  }
}
