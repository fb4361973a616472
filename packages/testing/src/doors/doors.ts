import type { Door } from '@joinery/agent/testing/pairing'
import type { Dialler } from '@joinery/server/testing/dial-back'

/** Way between the pairing server and a port of a machine. `taken` means that somebody else has the port. */
export type Way = 'open' | 'refused' | 'no-answer' | 'taken'

export interface Doors {
  /** Dialler on the server's side. */
  dialler: Dialler
  /** Door on the side of one machine. `way` is asked each time. */
  door(way?: () => Way): Door
}

/** The network between one pairing server and machines that really share one address: a nonce tells them apart. */
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
