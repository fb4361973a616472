import type { Seeded } from '@joinery/testing/chance/seeded'
import type { Seen } from '../seen.ts'
import type { Host } from './host.ts'
import type { World } from './world.ts'

const [second, minute, hour] = [1_000, 60_000, 3_600_000]

interface Struck {
  chance: Seeded
  world: World
  /** The host that it strikes: mostly the one whose server is active. */
  host: Host
}

interface Fault {
  /** How often it comes beside the others. */
  weight: number
  strike(struck: Struck): unknown
}

/** Faults that a server has to bear. */
const faults = {
  killed: { weight: 4, strike: ({ chance, host }) => host.kill(chance.integer(second, 10 * second)) },
  'killed for long': { weight: 1, strike: ({ chance, host }) => host.kill(chance.integer(minute, 3 * minute)) },
  stopped: { weight: 4, strike: ({ chance, host }) => host.server?.process.stop(chance.integer(second, 30 * second)) },
  'ended in good order': { weight: 2, strike: ({ host }) => host.server?.stop() },
  suspended: { weight: 2, strike: ({ chance, host }) => host.suspend(chance.integer(second, 30 * second)) },
  // it believes that it leads when it goes on, and only the head knows better
  frozen: { weight: 2, strike: ({ chance, host }) => host.freeze(chance.integer(second, 30 * second)) },
  'clock set': { weight: 2, strike: ({ chance, host }) => host.clocks.set(chance.pick([-hour, 0, hour])) },
  'cut off': {
    weight: 2,
    strike: ({ chance, world, host }) => world.weather.cut(host.name, chance.integer(second, 40 * second))
  },
  'Lease deleted': { weight: 1, strike: ({ world }) => world.lease.edit(undefined) },
  'Lease emptied': { weight: 1, strike: ({ world }) => world.lease.edit({ holder: '' }) },
  'Lease stolen': {
    weight: 1,
    strike: ({ world }) => world.lease.edit({ holder: 'stranger', term: (world.lease.now?.spec.term ?? 0) + 1 })
  },
  'rough weather': {
    weight: 4,
    strike: ({ chance, world }) => world.weather.turn('rough', chance.integer(10 * second, minute))
  },
  'API server refuses': {
    weight: 4,
    strike: ({ chance, world }) => world.weather.turn('refusing', chance.integer(second, 6 * second))
  },
  'API server away': {
    weight: 1,
    strike: ({ chance, world }) => world.weather.turn('away', chance.integer(second, 30 * second))
  },
  'etcd full': {
    weight: 1,
    strike: ({ chance, world }) => world.weather.turn('full', chance.integer(second, 20 * second))
  }
} as const satisfies Record<string, Fault>

/** Lets something fail that a seed chooses. */
export const strike = (struck: Struck, seen: Pick<Seen, 'faults'>): void => {
  const all: [string, Fault][] = Object.entries(faults)
  let left = struck.chance.next() * all.reduce((sum, [, { weight }]) => sum + weight, 0)
  for (const [what, fault] of all) {
    left -= fault.weight
    if (left >= 0) continue
    seen.faults.push({ at: struck.world.clock.monotonic(), what, host: struck.host.name })
    fault.strike(struck)
    return
  }
}

/** Somebody deletes a document of the log, edits one, or puts an older one in its place. */
export const meddle = (
  { log, clock }: World,
  chance: Seeded,
  older: { documents: ReadonlyMap<string, { spec: unknown }> } | undefined,
  seen: Pick<Seen, 'hands'>
): void => {
  const { names } = log
  if (names.length === 0) return
  const name = chance.pick(names)
  const document = log.document(name)
  const before = older?.documents.get(name)?.spec
  seen.hands.push({ at: clock.monotonic(), document: name })
  const dice = chance.next()
  if (dice < 0.4) log.remove(name)
  else if (dice < 0.7 && before !== undefined) log.edit(name, before)
  else log.edit(name, { ...document?.spec, mac: 'f'.repeat(64) })
}
