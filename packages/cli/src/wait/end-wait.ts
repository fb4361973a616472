import { CommandEnd } from '@joinery/host/command-end'
import { escapeText, isNodeName } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { printDocument } from '../output/document.ts'
import { enrolmentName } from '../session/references.ts'
import { isForPeople, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import { formatDuration } from '../terminal/times.ts'
import type { Awaitable } from './judge-awaited.ts'
import { type Arrival, type Awaited, waitFor } from './wait-for.ts'

interface Wanted {
  wanted: Awaitable
  timeout: number
}

/** Waits for machines, and prints each that comes. Throws for each that does not, with the cause. */
export const waitAndPrint = async (
  machines: readonly Awaited[],
  { wanted, timeout }: Wanted,
  session: Session
): Promise<void> => {
  const came = ({ name }: SeenEnrolment): void => {
    if (isForPeople(session.format)) session.terminal.out(`enrolment/${escapeText(name)} ${wanted}\n`)
  }
  const arrivals = await waitFor(machines, { wanted, timeout, came }, session)
  const here = arrivals.flatMap(({ outcome, last }) => (outcome === 'came' && last !== undefined ? [last] : []))
  printDocument(session, { items: here }, () => here.map((one) => enrolmentName(one)))
  const ends = arrivals.flatMap((arrival) => explainArrival(arrival, { wanted, timeout }, arrivals) ?? [])
  if (ends.length > 0) throw new AggregateError(ends)
}

/** The error that ends a wait for a machine, one of `all`. Undefined for one that came. */
export const explainArrival = (
  { called, outcome, last, why }: Arrival,
  { wanted, timeout }: Wanted,
  all: readonly Arrival[]
): CommandEnd | undefined => {
  if (outcome === 'came') return undefined
  const now = last === undefined ? (why ?? 'it has not enrolled yet') : `it is ${last.state}: ${why ?? last.message}`
  const isUnique = isNodeName(called) && all.filter((one) => one.called === called).length < 2
  const remedy = last === undefined ? 'joinery list' : `joinery show ${isUnique ? called : last.id}`
  return outcome === 'late'
    ? new CommandEnd(exitCodes.timeout, `${called} is not ${wanted} after ${inWords(timeout)}: ${now}`, remedy)
    : new CommandEnd(
        last === undefined ? exitCodes.notFound : exitCodes.failure,
        `${called} does not get ${wanted}: ${now}`,
        remedy
      )
}

const inWords = (seconds: number): string => formatDuration(seconds) || '0s'
