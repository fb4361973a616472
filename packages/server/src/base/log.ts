import { journalLine } from '@joinery/host/text/journal-line'
import { asciiJson } from '@joinery/host/text/json'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { InjectionToken } from 'tsyringe'

export type { Logger }
export const Log = Symbol('Log') as InjectionToken<Logger>

/**
 * Makes the log: JSON lines in ASCII, on stdout unless a test passes another destination. Whatever a machine says, its
 * text steers no terminal that shows the journal. With `forJournal` each line has its priority. The server never passes
 * anything that holds a secret to the log; the redacted paths are the net below.
 */
export const makeLog = (destination: DestinationStream = gathered(), forJournal = false): Logger =>
  pino(
    {
      redact: ['*.code', '*.token', '*.secret', '*.authorization', '*.headers'],
      base: null,
      // a person also reads the time
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: forJournal ? (line) => journalLine(asciiJson(line)) : asciiJson }
    },
    destination
  )

/**
 * Gathers lines, and writes them a second late at most. A write for each line would be a tenth of the cost of an
 * enrolment, and the timeline has what must not be lost.
 */
const gathered = (): DestinationStream =>
  pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 1000 })
