import { isForPeople, type Session } from '../../session/session.ts'
import { moment } from '../../terminal/times.ts'
import { type Watched, watch } from './watch.ts'

/**
 * Prints a document, and then all of it again when it has changed: a page for a person, with the time above it, or a document for a
 * program.
 */
export const watchPage = <T>(
  session: Session,
  look: Watched<T>['look'],
  print: (seen: T, session: Session) => void
): Promise<never> => {
  const { terminal, format } = session
  const streaming: Session = { ...session, streams: true }
  let printed: string | undefined
  return watch(session, {
    look,
    show: (seen) => {
      const text = JSON.stringify(seen)
      if (text === printed) return
      const isFirst = printed === undefined
      if (isForPeople(format) && !isFirst) terminal.out(`\n--- ${moment(terminal.now().toISOString())} ---\n`)
      printed = text
      print(seen, streaming)
    }
  })
}
