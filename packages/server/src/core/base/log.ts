import { journalPriority } from '@joinery/host/text/journal-line'
import { asciiJson } from '@joinery/host/text/json'
import { logText } from '@joinery/host/text/log-text'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { InjectionToken } from 'tsyringe'

export type { Logger }
export const Log = Symbol('Log') as InjectionToken<Logger>

/** Forms of a line of the log: for programs, and for people. */
export const logFormats = ['json', 'text'] as const
export type LogFormat = (typeof logFormats)[number]

export interface LogOptions {
  /** True if each line begins with its priority, as the journal takes it. */
  forJournal?: boolean
  /** JSON if absent. */
  format?: LogFormat
}

/**
 * Makes the log: lines in ASCII, on stdout unless a test passes another destination. Whatever a machine says, its text steers
 * no terminal that shows the journal, and makes no second line. The server never passes anything that holds a secret to the
 * log; the redacted paths are the net below, in either format.
 */
export const makeLog = (
  destination: DestinationStream = gathered(),
  { forJournal = false, format = 'json' }: LogOptions = {}
): Logger => {
  const written = format === 'text' ? logText : asciiJson
  return pino(
    {
      redact: ['*.code', '*.token', '*.secret', '*.authorization', '*.headers'],
      base: null,
      // a person also reads the time
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: (line) => `${forJournal ? journalPriority(line) : ''}${written(line)}` }
    },
    destination
  )
}

/**
 * Gathers lines, and writes them a second late at most. A write for each line would be a tenth of the cost of an
 * enrolment, and the timeline has what must not be lost.
 */
const gathered = (): DestinationStream =>
  pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 1000 })
