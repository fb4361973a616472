import { escapeText } from '@joinery/protocol'
import { usualInterval } from '../../follow/rest-after.ts'
import type { Session } from '../../session/session.ts'
import { isOutage } from '../../terminal/errors.ts'
import { moment } from '../../terminal/times.ts'

interface Asking {
  /** Milliseconds between two tries. A second if absent. */
  interval?: number | undefined
  /** Begin of an outage: when the server was asked, or when that failed. A wait for news was asked long before. */
  since: 'asked' | 'failed'
}

/** Asks until there is an answer. Says once that the server has gone away, and when it is back. Throws any other error. */
export const untilAnswered = async <T>(
  terminal: Session['terminal'],
  ask: () => Promise<T>,
  { interval = usualInterval, since }: Asking
): Promise<T> => {
  const now = (): string => moment(terminal.now().toISOString())
  for (let away = false; ; away = true) {
    const asked = now()
    try {
      const answer = await ask()
      if (away) terminal.err(`The pairing server answers again as of ${now()}\n`)
      return answer
    } catch (error) {
      if (!isOutage(error)) throw error
      const from = since === 'asked' ? asked : now()
      if (!away) terminal.err(`The pairing server has not answered since ${from}: ${escapeText(error.message)}\n`)
    }
    await terminal.pause(interval)
  }
}
