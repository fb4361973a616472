import { type DestinationStream, type Logger, pino } from 'pino'
import type { InjectionToken } from 'tsyringe'

export type { Logger }
export const Log = Symbol('Log') as InjectionToken<Logger>

/** JSON lines, on stdout unless a test wants them. Nothing that holds a secret is ever passed to it; the paths are the net below. */
export const makeLog = (destination: DestinationStream = pino.destination(1)): Logger =>
  pino({ redact: ['*.code', '*.token', '*.secret', '*.authorization', '*.headers'], base: null }, destination)
