import { isForPeople, type Session } from '../../session/session.ts'
import { moment } from '../../terminal/times.ts'
import { changesOf, type Watched, watch } from './watch.ts'

export interface WatchedPages<T> extends Pick<Watched<readonly T[]>, 'look'> {
  /** Tells an item from all others. */
  id(item: T): string
  print(item: T, session: Session): void
}

/**
 * Prints a page about each item, and then all of it again when the item has changed: for a person with the time above it, for a program
 * as a document.
 */
export const watchPages = <T>(session: Session, { look, id, print }: WatchedPages<T>): Promise<void> => {
  const { terminal, format, headers } = session
  const changes = changesOf(id)
  let hasPrinted = false
  return watch(session, {
    look,
    show: (items) => {
      for (const [place, item] of changes(items).entries()) {
        const line = place > 0 ? '\n' : `\n--- ${moment(terminal.now().toISOString())} ---\n`
        if (isForPeople(format) && hasPrinted) terminal.out(line)
        print(item, { ...session, streams: true, headers: headers && !hasPrinted })
        hasPrinted = true
      }
    }
  })
}

/** The same for one document. */
export const watchPage = <T>(
  session: Session,
  look: Watched<T>['look'],
  print: WatchedPages<T>['print']
): Promise<void> => watchPages(session, { look: async () => [await look()], id: () => '', print })
