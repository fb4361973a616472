import { setTimeout as sleep } from 'node:timers/promises'
import type { OneServer, Servers } from './three-servers.ts'

/** Time in which a server surely was the active one. A leadership that is lost never comes back to its process. */
interface Reign {
  server: string
  /** When its first answer had come. */
  from: number
  /** When its last request that was answered was sent. */
  to: number
}

/** A watch of who answers as the active server. */
export interface ActiveWatch {
  /** Ends the watch. Gives a sentence for each two servers that surely were active at the same moment. */
  end(): Promise<string[]>
}

const lookEach = 250

/** Asks all servers, again and again, for what only the active one says. */
export const watchActive = ({ all }: Servers): ActiveWatch => {
  const reigns: Reign[] = []
  let isOver = false
  const follow = async (server: OneServer): Promise<void> => {
    let reign: Reign | undefined
    while (!isOver) {
      const sent = performance.now()
      const gave =
        server.answers() &&
        (await server
          .ask((operator) => operator.list())
          .then(
            () => true,
            () => false
          ))
      if (!gave) reign = undefined
      else if (reign !== undefined) reign.to = sent
      else {
        reign = { server: server.name, from: performance.now(), to: sent }
        reigns.push(reign)
      }
      await sleep(lookEach)
    }
  }
  const following = all.map(follow)
  return {
    end: async () => {
      isOver = true
      await Promise.all(following)
      return overlaps(reigns)
    }
  }
}

/** A sentence for each two reigns that overlap. */
const overlaps = (reigns: readonly Reign[]): string[] =>
  reigns.flatMap((one, index) =>
    reigns.slice(index + 1).flatMap((other) => {
      const both = Math.min(one.to, other.to) - Math.max(one.from, other.from)
      return both > 0 ? [`${one.server} and ${other.server} were active for ${both.toFixed(0)} ms together`] : []
    })
  )
