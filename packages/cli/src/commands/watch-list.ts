import { type EnrolmentQuery, escapeText } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { type Column, columnTable, leastWidths } from '../output/columns.ts'
import { printDocument } from '../output/document.ts'
import { enrolmentColumns } from '../output/enrolment/enrolment-columns.ts'
import { enrolmentName } from '../session/references.ts'
import { isForPeople, type Session } from '../session/session.ts'
import { isOutage } from '../terminal/errors.ts'
import { moment } from '../terminal/times.ts'

/** Shortest time from an answer to the next look, in milliseconds. A look at 100 machines costs the server 2 ms. */
const interval = 1000

/** A pause is so many times as long as the look before it. Thousands of machines, over any door, are looked at more rarely. */
const rests = 9

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
  const { terminal, format } = session
  const printed = new Map<string, string>()
  const widths = leastWidths(watchColumns, session)
  let { items, took } = await look(session, query)
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
    await terminal.pause(Math.max(interval, rests * took))
    ;({ items, took } = await lookAgain(session, query))
  }
}

interface Look {
  items: SeenEnrolment[]
  /** Milliseconds that the answer took. */
  took: number
}

const look = async ({ client, terminal }: Session, query: EnrolmentQuery): Promise<Look> => {
  const asked = terminal.now().getTime()
  const { items } = await client.list(query)
  return { items, took: terminal.now().getTime() - asked }
}

/** The list, as soon as there is one again. Says when the server goes away, and when it is back. */
const lookAgain = async (session: Session, query: EnrolmentQuery): Promise<Look> => {
  const { terminal } = session
  let away = false
  for (;;) {
    const asked = now(terminal)
    try {
      const seen = await look(session, query)
      if (away) terminal.err(`The pairing server answers again as of ${now(terminal)}\n`)
      return seen
    } catch (error) {
      if (!isOutage(error)) throw error
      if (!away) terminal.err(`The pairing server has not answered since ${asked}: ${escapeText(error.message)}\n`)
      away = true
    }
    await terminal.pause(interval)
  }
}

const now = (terminal: Session['terminal']): string => moment(terminal.now().toISOString())
