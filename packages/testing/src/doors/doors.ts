import type { Door } from '@joinery/agent/testing/pairing'
import type { Dialler, Knocked } from '@joinery/server/testing/dial-back'

/** Way between the pairing server and a port of a machine. `taken` means that somebody else has the port. */
export type Way = 'open' | 'refused' | 'no-answer' | 'taken'

export interface Doors {
  /** Dialler on the server's side. */
  dialler: Dialler
  /** Answer of a machine's port of the kubelet, maybe a late one. Nobody answers before it is set. */
  kubelet: Knocked | Promise<Knocked>
  /** Addresses and ports that were knocked at, as `192.0.2.7:10250`. */
  readonly knocks: readonly string[]
  /** Door on the side of one machine. `way` is asked each time. */
  door(way?: () => Way): Door
}

/** The network between one pairing server and machines that really share one address: a nonce tells them apart. */
export const rehearsalDoors = (): Doors => {
  const open = new Map<string, Exclude<Way, 'taken'>>()
  const knocks: string[] = []
  const doors: Doors = {
    kubelet: 'no-answer',
    knocks,
    dialler: {
      dial: async (_, __, nonce) => open.get(nonce) ?? 'refused',
      knock: async (address, port) => {
        knocks.push(`${address}:${port}`)
        return doors.kubelet
      }
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
  return doors
}
