import type { Door } from '@joinery/agent/testing/pairing'
import type { Dialler } from '@joinery/server/testing/dial-back'

/** What is between the pairing server and a port of a machine; `taken`: somebody else has the port. */
export type Way = 'open' | 'refused' | 'no-answer' | 'taken'

export interface Doors {
  /** The server's side. */
  dialler: Dialler
  /** The side of one machine; `way` is asked each time. */
  door(way?: () => Way): Door
}

/** The network between one pairing server and machines that have one address in truth: a nonce tells them apart. */
export const rehearsalDoors = (): Doors => {
  const open = new Map<string, Exclude<Way, 'taken'>>()
  return {
    dialler: {
      dial: async (_, __, nonce) => open.get(nonce) ?? 'refused'
    },
    door: (way = () => 'open') => ({
      open: async (_, nonce) => {
        const now = way()
        if (now === 'taken') return undefined
        open.set(nonce, now)
        return async () => void open.delete(nonce)
      }
    })
  }
}
