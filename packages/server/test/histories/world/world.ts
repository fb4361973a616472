import { ProblemError } from '@joinery/protocol'
import type { Seeded } from '@joinery/testing/chance/seeded'
import { seededFor } from '@joinery/testing/chance/seeded'
import { allDone } from '@joinery/testing/clocks/all-done'
import { VirtualClock } from '@joinery/testing/clocks/virtual-clock'
import { type FakeCluster, fakeCluster } from '@joinery/testing/cluster/fake/fake-cluster'
import { FakeLease, FakePresences } from '@joinery/testing/log/fake-lease-objects'
import { FakeLogObjects, type Snapshot } from '@joinery/testing/log/fake-log-objects'
import { meet } from '@joinery/testing/log/fate'
import type { Random } from '../../../src/core/base/random.ts'
import type { LeaseObjects, LeaseSpec } from '../../../src/core/leadership/lease-objects.ts'
import type { Presences } from '../../../src/core/leadership/presences.ts'
import type { UnguardedCluster } from '../../../src/core/ports/cluster/unguarded-cluster.ts'
import type { LogObjects } from '../../../src/core/ports/log/log-objects.ts'
import type { Seen } from '../seen.ts'
import { beginning } from './host-clocks.ts'
import type { VirtualProcess } from './virtual-process.ts'
import { Weather } from './weather.ts'

/** All objects of etcd at one moment. */
export interface Backup {
  taken: number
  log: Snapshot
  lease: LeaseSpec | undefined
  generation: string | undefined
}

/** The objects of the cluster as one process reaches them. */
export interface Reached {
  log: LogObjects
  lease: LeaseObjects
  cluster: UnguardedCluster
}

/** The API server with its etcd, and the time, which goes by only as the history lets it. */
export class World {
  readonly clock = new VirtualClock(allDone)
  readonly log = new FakeLogObjects(this.clock)
  readonly lease = new FakeLease()
  readonly #presences = new FakePresences()
  readonly weather: Weather
  readonly random: Random
  readonly #cluster: FakeCluster
  readonly #seen: Seen
  /** When each batch was made. */
  readonly #made = new Map<number, number>()

  private constructor(chance: Seeded, random: Random, cluster: FakeCluster, seen: Seen) {
    this.weather = new Weather(chance, this.clock.monotonic)
    this.random = random
    this.#cluster = cluster
    this.#seen = seen
    this.log.heard = (number, document) => this.#heard(number, document)
  }

  static async open(seed: number, seen: Seen): Promise<World> {
    const random = seededRandom(seededFor(seed, 2))
    let now = (): Date => new Date(beginning)
    const cluster = await fakeCluster({ now: () => now() })
    const world = new World(seededFor(seed, 3), random, cluster, seen)
    now = () => new Date(beginning + world.clock.monotonic())
    return world
  }

  /** Batches of the lost line and of the one that goes on have other numbers, since a take-over skips some by chance. */
  #heard(number: number, document: string | undefined): void {
    const now = this.clock.monotonic()
    if (document === undefined) return void this.#made.set(number, now)
    const made = this.#made.get(number)
    if (made !== undefined && this.#seen.restores.some(({ at, to }) => to < made && made <= at))
      this.#seen.late.push({ at: now, document })
  }

  /** The objects as a process of this host reaches them, with the weather between. */
  reach(host: string, process: VirtualProcess): Reached {
    const call = <T>(name: string, act: () => T | Promise<T>): Promise<T> =>
      process.call(() => meet(this.weather.fate(host), name, this.clock, act))
    return {
      log: portOf(
        this.log.client(() => this.weather.fate(host)),
        process
      ),
      lease: {
        read: () => call('read', () => this.lease.read()),
        write: (lease, version) => call('write', () => this.lease.write(lease, version))
      },
      cluster: this.#clusterBy(call)
    }
  }

  /** The Leases by which servers know of each other, as a process of this host reaches them. */
  presencesBy(host: string, process: VirtualProcess): Presences {
    const call = <T>(name: string, act: () => Promise<T>): Promise<T> =>
      process.call(() => meet(this.weather.fate(host), name, this.clock, act))
    return {
      list: () => call('list', () => this.#presences.list()),
      announce: (name, lease, lost) => call('announce', () => this.#presences.announce(name, lease, lost)),
      remove: (presence) => call('remove', () => this.#presences.remove(presence))
    }
  }

  async backup(): Promise<Backup> {
    const { text: generation } = await this.#cluster.generation()
    return { taken: this.clock.monotonic(), log: this.log.snapshot(), lease: this.lease.now?.spec, generation }
  }

  /** Puts all objects back as they were, while servers may run. Versions go on, as those of etcd do. */
  async restore({ taken, log, lease, generation }: Backup): Promise<void> {
    this.log.restore(log)
    this.lease.edit(lease)
    await this.#cluster.writeGenerationAsAdmin(generation)
    this.#seen.restores.push({ at: this.clock.monotonic(), to: taken })
  }

  /** The cluster by these calls. Those that only tell what is known need none. */
  #clusterBy(call: <T>(name: string, act: () => Promise<T>) => Promise<T>): UnguardedCluster {
    const known: readonly string[] = ['now', 'answers', 'watch']
    const calls = Object.entries(this.#cluster).filter(
      (each) => typeof each[1] === 'function' && !known.includes(each[0])
    )
    const reached = calls.map(([name, act]) => [
      name,
      async (...given: unknown[]) => {
        try {
          return await call(name, async () => {
            if (name === 'createToken') this.#seen.tokens.push((given[0] as { id: string }).id)
            return act(...given)
          })
        } catch (error) {
          if (error instanceof ProblemError) throw error
          throw new ProblemError('cluster-unavailable', {
            detail: error instanceof Error ? error.message : String(error)
          })
        }
      }
    ])
    return { ...this.#cluster, ...Object.fromEntries(reached) }
  }
}

/** Lets nothing come through while the process does not run. */
const portOf = (objects: LogObjects, process: VirtualProcess): LogObjects => ({
  head: () => process.call(() => objects.head()),
  makeHead: (head) => process.call(() => objects.makeHead(head)),
  moveHead: (before, head) => process.call(() => objects.moveHead(before, head)),
  documents: async function* () {
    await process.runs()
    for await (const page of objects.documents()) {
      await process.runs()
      yield page
    }
    await process.runs()
  },
  writeDocument: (document, version) => process.call(() => objects.writeDocument(document, version)),
  readDocument: (name) => process.call(() => objects.readDocument(name)),
  deleteDocument: (name, version) => process.call(() => objects.deleteDocument(name, version))
})

/** Random bytes and ids that follow from a seed. */
const seededRandom = (chance: Seeded): Random => {
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => chance.integer(0, 255))
  return { bytes, id: () => `id-${Buffer.from(bytes(8)).toString('hex')}` }
}
