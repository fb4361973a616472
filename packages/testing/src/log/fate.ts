import { given } from '@joinery/protocol/given'
import { NotDone, OutcomeUnknown, type Refuser } from '@joinery/server/testing/log'

/** Fate of one call to the API server: what becomes of it. Times are in milliseconds. */
export type Fate =
  /** It takes its way to the API server, is carried out there, and the answer takes its way back. */
  | { is: 'answered'; there?: number; back?: number }
  /** It is carried out, and the answer never comes. */
  | { is: 'lost'; there?: number }
  /** The caller gives up at once. It is carried out later. */
  | { is: 'late'; by: number }
  /** Nobody carries it out, and the caller does not learn that. */
  | { is: 'never' }
  /** etcd is full, or has become full by this very call. Then it was carried out all the same. */
  | { is: 'full'; done: boolean }
  /** The API server refuses it. */
  | { is: 'refused'; why?: string; retryAfter?: number; refuser?: Refuser }

interface Sleeps {
  sleep(milliseconds: number): Promise<void>
}

/** Lets a call have its fate. `act` is what the API server does. Rejects with `NotDone` or `OutcomeUnknown`, or as `act` does. */
export const meet = async <T>(fate: Fate, name: string, clock: Sleeps, act: () => T | Promise<T>): Promise<T> => {
  switch (fate.is) {
    case 'refused':
      throw refused(fate)
    case 'never':
      throw new OutcomeUnknown(`${name} timed out`)
    case 'full':
      if (fate.done) await act()
      throw new OutcomeUnknown('etcdserver: mvcc: database space exceeded', { isOver: true })
    case 'late':
      // nobody hears what comes of it
      void clock
        .sleep(fate.by)
        .then(act)
        .catch(() => undefined)
      throw new OutcomeUnknown(`${name} timed out`)
    case 'lost':
      if (fate.there !== undefined) await clock.sleep(fate.there)
      await act()
      throw new OutcomeUnknown(`the connection was cut after ${name}`)
    default: {
      if (fate.there !== undefined) await clock.sleep(fate.there)
      const answer = await act()
      if (fate.back !== undefined) await clock.sleep(fate.back)
      return answer
    }
  }
}

export const refused = ({ why = 'too many requests', retryAfter, refuser }: Fate & { is: 'refused' }): NotDone =>
  new NotDone(why, given({ retryAfter, refuser }))
