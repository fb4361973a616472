import { budgets, makeLog } from '@joinery/server/testing/base'
import {
  type KnownLog,
  logKeys,
  type Seen,
  type Taken,
  type TakeOverParts,
  takeOver
} from '@joinery/server/testing/log'
import { seeded } from '@joinery/testing/chance/seeded'
import { VirtualClock } from '@joinery/testing/clocks/virtual-clock'
import { FakeLogObjects, type LogCall } from '@joinery/testing/log/fake-log-objects'
import type { Fate } from '@joinery/testing/log/fate'

export const keys = logKeys(Buffer.alloc(32, 7))
export const otherKeys = logKeys(Buffer.alloc(32, 8))

/** A log that keeps its lines to itself. */
export const quiet = (): ReturnType<typeof makeLog> => makeLog({ write: () => undefined })

/** Random bytes and ids that follow from a seed. */
export const seededRandom = (seed: number) => {
  const chance = seeded(seed)
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => chance.integer(0, 255))
  return { bytes, id: () => `log-${Buffer.from(bytes(8)).toString('hex')}` }
}

/** A server as the tests see it: it goes on until it is deposed, or told that its lease is over. */
export interface TestServer {
  taken: Taken
  deposed: string[]
  alerts: string[]
  lease: { holds: boolean }
}

export interface World {
  clock: VirtualClock
  objects: FakeLogObjects
  /** Fate of each call of the next servers, until the test says otherwise. */
  fate: (call: LogCall) => Fate
  parts(over?: Partial<TakeOverParts>): TakeOverParts
  /** Takes over, as a new process does. */
  start(over?: Partial<TakeOverParts>): Promise<TestServer>
}

/** `gather`: milliseconds for which a document waits for its next content. */
export const makeWorld = (seed = 1, gather = 0): World => {
  const clock = new VirtualClock()
  const objects = new FakeLogObjects(clock)
  const random = seededRandom(seed)
  let servers = 0
  const world: World = {
    clock,
    objects,
    fate: () => ({ is: 'answered' }),
    parts: (over = {}) => ({
      objects: objects.client((call) => world.fate(call)),
      keys: [keys],
      known: undefined,
      holder: `server-${servers}`,
      clock,
      random,
      log: quiet(),
      budget: { ...budgets.clusterLog, gather, clear: budgets.clusterLog.idle },
      mayGoOn: () => true,
      deposed: () => undefined,
      seen: memoryOf(objects),
      mark: ({ why }) => ({ name: 'mark', text: JSON.stringify(why) }),
      now: () => new Date(clock.monotonic()),
      ...over
    }),
    start: async (over = {}) => {
      servers += 1
      const [deposed, alerts, lease]: [string[], string[], { holds: boolean }] = [[], [], { holds: true }]
      const taken = await clock.until(
        takeOver(
          world.parts({
            deposed: (reason) => deposed.push(reason),
            alert: (sentence) => alerts.push(sentence),
            mayGoOn: () => lease.holds,
            ...over
          })
        )
      )
      return { taken, deposed, alerts, lease }
    }
  }
  return world
}

/** Memory of a host that knows the log as it is. */
export const memoryOf = ({ head }: FakeLogObjects): Seen => {
  if (head === undefined) return { logs: [] }
  const { log, number, hash, term } = head
  return { logs: [{ log, number, own: { number, hash, term, at: new Date(0).toISOString(), terms: [] } }] }
}

/** Names of the documents in the cluster, without those that the log has for itself. */
export const namesIn = ({ objects }: World): string[] =>
  objects.names.filter((name) => name !== 'terms' && name !== 'mark')

/** The live documents that a server found, as an object. */
export const textsOf = ({ taken }: TestServer): Record<string, string> =>
  Object.fromEntries(taken.documents.map(({ name, text }) => [name, text]).sort())

/** What the local file of this server knows, if it has all that the server found. */
export const knownBy = ({ taken: { log, number, documents } }: TestServer): KnownLog => ({
  log,
  number,
  documents: new Map(documents.map((document) => [document.name, document.number]))
})
