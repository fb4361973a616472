import { escapeText } from '@joinery/protocol'
import type { Change, Following } from '../../follow/following.ts'
import { usualInterval } from '../../follow/rest-after.ts'
import type { Session } from '../../session/session.ts'
import { isOutage } from '../../terminal/errors.ts'
import { moment } from '../../terminal/times.ts'

/** Takes each change until `take` says that it is over. The first one must come: after it, a server that is away is no reason to end. */
export const follow = async <T extends { id: string }>(
  following: Following<T>,
  take: (change: Change<T>) => boolean,
  session: Session
): Promise<void> => {
  let change: Change<T> | undefined = await following.next()
  while (!take(change)) change = await nextChange(following, session)
}

/** The next change, as soon as there is one. Says when the server goes away, and when it is back. */
const nextChange = async <T extends { id: string }>(
  following: Following<T>,
  { terminal }: Session
): Promise<Change<T>> => {
  const now = (): string => moment(terminal.now().toISOString())
  for (let away = false; ; away = true) {
    try {
      const change = await following.next()
      if (away) terminal.err(`The pairing server answers again as of ${now()}\n`)
      return change
    } catch (error) {
      if (!isOutage(error)) throw error
      if (!away) terminal.err(`The pairing server has not answered since ${now()}: ${escapeText(error.message)}\n`)
    }
    await terminal.pause(usualInterval)
  }
}
