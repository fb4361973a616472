import { type EnrolmentQuery, escapeText } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { type Column, columnTable, leastWidths } from '../output/columns.ts'
import { printDocument } from '../output/document.ts'
import { enrolmentColumns } from '../output/enrolment/enrolment-columns.ts'
import { enrolmentName } from '../session/references.ts'
import { isForPeople, type Session } from '../session/session.ts'
import { isOutage } from '../terminal/errors.ts'
import { moment } from '../terminal/times.ts'

/** Milliseconds from an answer to the next look. A look at 100 machines costs the server 2 ms, at 5,000 some 0.2 s. */
const interval = 1000

/** Columns of a watched list. The time is that of the printed line, without its day. */
const watchColumns: readonly Column<SeenEnrolment>[] = [
  { header: 'TIME', cell: (_, now) => moment(now.toISOString()).slice('2026-11-25T'.length) },
  ...enrolmentColumns
]

/**
 * The list, and then each enrolment again when it has changed. Whole lists are compared, so nothing depends on having
 * seen every step, and a server that was away is no reason to end. Ends by another error, or by a signal.
 */
export const watchList = async (session: Session, query: EnrolmentQuery, headers: boolean): Promise<never> => {
  const { client, terminal, format } = session
  const printed = new Map<string, string>()
  const widths = leastWidths(watchColumns, session)
  let { items } = await client.list(query)
  const isAll = Object.keys(query).length === 0
  for (;;) {
    const changed = items.filter((enrolment) => printed.get(enrolment.id) !== JSON.stringify(enrolment))
    if (isForPeople(format)) {
      const wantsHeaders = headers && printed.size === 0
      if (changed.length > 0) terminal.out(columnTable(watchColumns, session, changed, wantsHeaders, widths))
    } else {
      for (const enrolment of changed)
        printDocument(session, enrolment, () => [isAll ? enrolmentName(enrolment, items) : `enrolment/${enrolment.id}`])
    }
    for (const enrolment of changed) printed.set(enrolment.id, JSON.stringify(enrolment))
    await terminal.pause(interval)
    items = await listAgain(session, query)
  }
}

/** The list, as soon as there is one again. Says when the server goes away, and when it is back. */
const listAgain = async ({ client, terminal }: Session, query: EnrolmentQuery): Promise<SeenEnrolment[]> => {
  let away = false
  for (;;) {
    const asked = now(terminal)
    try {
      const { items } = await client.list(query)
      if (away) terminal.err(`The pairing server answers again as of ${now(terminal)}\n`)
      return items
    } catch (error) {
      if (!isOutage(error)) throw error
      if (!away) terminal.err(`The pairing server has not answered since ${asked}: ${escapeText(error.message)}\n`)
      away = true
    }
    await terminal.pause(interval)
  }
}

const now = (terminal: Session['terminal']): string => moment(terminal.now().toISOString())
