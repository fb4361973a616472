import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from '../../core/base/log.ts'
import { Nap } from '../../core/base/nap.ts'

interface Turning {
  /** One turn. Returns milliseconds until there is something to do: 0 for another turn at once. */
  turn: (signal: AbortSignal) => Promise<number>
  nap: Nap
  /** Milliseconds after a sleep in which more may come. */
  gather: number
  /** Milliseconds after trouble with the store in which nothing is tried: what it could not write would be sent again. */
  again: number
  /** Name of the one whose turns they are, for the log. */
  name: string
  log: Logger
}

/** Takes one turn after the other until `signal`. Trouble is logged when it begins, and the turns go on after a pause. */
export const keepTurning = async (
  { turn, nap, gather, again, name, log }: Turning,
  signal: AbortSignal
): Promise<void> => {
  let isTroubled = false
  while (!signal.aborted) {
    let pause = 0
    try {
      pause = await turn(signal)
      isTroubled = false
    } catch (error) {
      if (!isTroubled) log.warn({ webhook: name, err: error }, 'notices wait for the store')
      isTroubled = true
      await new Nap().sleep(again, signal)
    }
    if (pause === 0) {
      // others have their turn of the event loop
      await nextTurn()
      continue
    }
    await nap.sleep(pause, signal)
    // many events come together, and are read in one look
    await new Nap().sleep(gather, signal)
  }
}
