import { journalLine } from '@joinery/host/text/journal-line'
import { type Logger, pino } from 'pino'
import type { InjectionToken } from 'tsyringe'

export type { Logger }
export const Log = Symbol('Log') as InjectionToken<Logger>

/**
 * The agent's log: JSON lines on stdout, with a priority before each line if `forJournal`. Nobody passes secrets to
 * it; the redacted paths are the net below.
 */
export const makeLog = (forJournal = false): Logger =>
  pino({
    base: null,
    timestamp: false,
    redact: ['*.code', '*.token', '*.key', 'code', 'token', 'key'],
    ...(forJournal && { hooks: { streamWrite: journalLine } })
  })
