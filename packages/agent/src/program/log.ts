import { journalLine } from '@joinery/host/text/journal-line'
import { type Logger, pino } from 'pino'
import type { InjectionToken } from 'tsyringe'

export type { Logger }
export const Log = Symbol('Log') as InjectionToken<Logger>

/** JSON lines on stdout. `forJournal`: each with its priority. Secrets are never passed to it; the paths are the net below. */
export const makeLog = (forJournal = false): Logger =>
  pino({
    base: null,
    timestamp: false,
    redact: ['*.code', '*.token', '*.key', 'code', 'token', 'key'],
    ...(forJournal && { hooks: { streamWrite: journalLine } })
  })
