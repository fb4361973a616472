import { setTimeout as sleep } from 'node:timers/promises'
import type { OneServer } from './three-servers.ts'

/** Ends when it is disposed of, too. */
export interface KeptUp extends AsyncDisposable {
  /** Number of times that a server ended by itself. */
  readonly ends: number
  /** Starts none any more. Resolves when none is on its way up. */
  end(): Promise<void>
}

/** Pause of systemd before a restart, in milliseconds. */
const pause = 1000

/** Starts each of these servers again when it has ended by itself, as systemd does. */
export const keepUp = (servers: readonly OneServer[]): KeptUp => {
  let [isOver, ends] = [false, 0]
  const keep = async (server: OneServer): Promise<void> => {
    while (!isOver) {
      await sleep(pause)
      if (isOver || server.isUp()) continue
      ends += 1
      // one that ends before it answers is started again as well
      await server.start().catch(() => undefined)
    }
  }
  const all = servers.map(keep)
  const end = async (): Promise<void> => {
    isOver = true
    await Promise.all(all)
  }
  return {
    get ends() {
      return ends
    },
    end,
    [Symbol.asyncDispose]: end
  }
}
