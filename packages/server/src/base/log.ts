import { journalLine } from '@joinery/host/text/journal-line'
import { asciiJson } from '@joinery/host/text/json'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { InjectionToken } from 'tsyringe'

export type { Logger }
export const Log = Symbol('Log') as InjectionToken<Logger>

/**
 * JSON lines in ASCII, on stdout unless a test wants them: whatever a machine says, its text steers no terminal that shows
 * the journal. `forJournal`: each with its priority. Nothing that holds a secret is ever passed to it; the paths are the net below.
 */
export const makeLog = (destination: DestinationStream = gathered(), forJournal = false): Logger =>
  pino(
    {
      redact: ['*.code', '*.token', '*.secret', '*.authorization', '*.headers'],
      base: null,
      // a person reads it, too
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: forJournal ? (line) => journalLine(asciiJson(line)) : asciiJson }
    },
    destination
  )

/** A second late at most: a write for each line is a tenth of an enrolment, and what must not be lost is in the timeline. */
const gathered = (): DestinationStream =>
  pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 1000 })
