import { setImmediate as nextTurn } from 'node:timers/promises'
import { pageSize } from '@joinery/kube'
import { ProblemError } from '@joinery/protocol'
import type { State } from './state.ts'

/** Most tries to read a list: it may begin again, as that of a real cluster does. */
const tries = 3

/**
 * Reads a list as a real cluster gives it: all of one moment, page after page, each page in its own turn of the event
 * loop. If the cluster forgets the list in between, it begins again. `copies` returns all objects as they are now.
 * Throws if the cluster goes out of reach meanwhile.
 */
export const paged = async <T>(
  state: State,
  call: <R>(answer: () => R) => Promise<R>,
  copies: () => T[]
): Promise<T[]> => {
  for (let left = tries; left > 0; left -= 1) {
    const [all, moment] = await call(() => [copies(), state.listsForgotten] as const)
    let read = pageSize
    while (read < all.length && state.listsForgotten === moment) {
      await nextTurn()
      await call(() => undefined)
      read += pageSize
    }
    if (read >= all.length) return all
  }
  throw new ProblemError('cluster-unavailable', { detail: 'the API server forgot a list before it was read (410)' })
}
