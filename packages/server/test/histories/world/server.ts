import { ProblemError } from '@joinery/protocol'
import type { DependencyContainer } from 'tsyringe'
import { lostDecisions } from '../../../src/adapters/sqlite/mirror/lost-decisions.ts'
import { type Mirror, type MirrorStore, openMirror } from '../../../src/adapters/sqlite/mirror/open-mirror.ts'
import { markDocument } from '../../../src/adapters/sqlite/mirror/parts.ts'
import { budgets } from '../../../src/core/base/budgets.ts'
import { Clock, Monotonic } from '../../../src/core/base/clock.ts'
import { Log, makeLog } from '../../../src/core/base/log.ts'
import { Random } from '../../../src/core/base/random.ts'
import { entry } from '../../../src/core/enrolment/decision/decision.ts'
import { type ForkParts, settleFork } from '../../../src/core/generation/settle-fork.ts'
import { settleRestored } from '../../../src/core/generation/settle-restored.ts'
import { Leadership, notActive } from '../../../src/core/leadership/leadership.ts'
import { LeaseKeeper } from '../../../src/core/leadership/lease-keeper.ts'
import { AnnouncedServers } from '../../../src/core/leadership/servers.ts'
import { logKeys } from '../../../src/core/ports/log/log-keys.ts'
import { LogRefusal } from '../../../src/core/ports/log/log-refusal.ts'
import { readLost, tellLost } from '../../../src/core/ports/log/lost-branch.ts'
import { putAside } from '../../../src/core/ports/store/lost-files.ts'
import type { WritableStore } from '../../../src/core/ports/store/store.ts'
import { StoreAge } from '../../../src/core/ports/store/store-age.ts'
import { storeFileIn } from '../../../src/core/ports/store/store-files.ts'
import { storeSubject } from '../../../src/core/ports/store/timeline.ts'
import { Pacemaker } from '../../../src/core/reconcile/pacemaker.ts'
import { Reconciler } from '../../../src/core/reconcile/reconciler.ts'
import { HeadSight, type SeenHeadFile } from '../../../src/features/high-availability/log/head-sight.ts'
import type { LogParts } from '../../../src/features/high-availability/log/log-parts.ts'
import { overtaken, type Taken, takeOver } from '../../../src/features/high-availability/log/take-over.ts'
import { createContainer } from '../../../src/program/container.ts'
import { requireFollower } from '../../../src/program/moving/require-follower.ts'
import { settlingParts } from '../../../src/program/serve.ts'
import { commitsTo } from '../../../src/testing/commit.ts'
import type { Content, Life, Seen } from '../seen.ts'
import type { HostClocks } from './host-clocks.ts'
import { recordedStore } from './recorded-store.ts'
import { masterKey } from './state-folder.ts'
import { VirtualProcess } from './virtual-process.ts'
import type { Reached, World } from './world.ts'

/** Milliseconds between two sweeps of the reconciler. */
const sweepEach = 30_000

/** Milliseconds that a server which ends in good order waits for the requests under way. */
const inTime = 5_000

export const quiet = makeLog({ write: () => undefined })

/** True if the next process may be luckier: the cluster did not take something, or another server has the log now. */
const isOutage = (error: unknown): boolean =>
  error instanceof ProblemError ||
  (error instanceof Error && [overtaken, 'the lease of this server is over'].includes(error.message))

export const keys = [logKeys(masterKey)] as const

/** What stays of a server on its host when the process ends. */
export interface OwnHost {
  name: string
  address: string
  /** State folder. */
  state: string
  clocks: HostClocks
  headSeen: SeenHeadFile
}

interface Parts {
  world: World
  host: OwnHost
  seen: Seen
  /** Name of this process. */
  name: string
  /** True if it takes over and serves nobody: then it commits nothing. */
  isSilent: boolean
}

/**
 * One process of a server: the real keeper, sight, take-over, mirror and services, put together as `runOnCluster` does, without
 * listeners. Its clocks, its sleeps and its calls are those of the world.
 */
export class Server {
  readonly name: string
  readonly process: VirtualProcess
  /** The parts of the server, while it serves. */
  container: DependencyContainer | undefined
  wasFrozen = false
  readonly #parts: Parts
  readonly #reached: Reached
  readonly #keeper: LeaseKeeper
  readonly #sight: HeadSight
  readonly #stop = new AbortController()
  /** Requests that are under way. */
  readonly #asked = new Set<Promise<unknown>>()
  #isClosed = false
  #mirror: Mirror | undefined
  #taken: Taken | undefined
  #store: MirrorStore | undefined
  #made: DependencyContainer | undefined
  #settling: ForkParts | undefined

  private constructor(parts: Parts) {
    const { world, host, name, seen } = parts
    this.name = name
    this.#parts = parts
    const life: Life = { process: name, from: world.clock.monotonic() }
    seen.lives.push(life)
    this.process = new VirtualProcess(world.clock, () => {
      life.until = world.clock.monotonic()
    })
    this.#reached = world.reach(host.name, this.process)
    this.#sight = new HeadSight({
      objects: this.#reached.log,
      keys,
      file: host.headSeen,
      known: requireFollower(host.state),
      sleep: this.process.sleep,
      log: quiet
    })
    this.#keeper = new LeaseKeeper({
      objects: this.#reached.lease,
      own: { holder: name, address: host.address },
      clocks: host.clocks.read,
      sleep: this.process.sleep,
      log: quiet,
      lost: () => this.process.kill(),
      rewritten: () => this.#taken?.doubt(),
      taking: (found, { acquired }) => this.#sight.taking({ found, acquired }),
      isBarred: () => false
    })
  }

  static async start(parts: Parts): Promise<Server> {
    const server = new Server(parts)
    await server.#sight.begin()
    // it reads files, which no virtual time goes by for
    server.#made = await server.#makeContainer()
    void server.#run()
    return server
  }

  get isOver(): boolean {
    return this.process.isDead
  }

  /** True if its store is closed: who still asks it gets no answer that counts. */
  get isClosed(): boolean {
    return this.isOver || this.#isClosed
  }

  get serves(): boolean {
    return !this.isOver && this.container !== undefined && this.#keeper.holds()
  }

  /** Stops the process, on a host whose clocks stand still. From then on nothing that it reads counts: it may believe that it leads. */
  freeze(milliseconds: number): void {
    this.wasFrozen = true
    this.process.stop(milliseconds)
  }

  /** Asks it for something as a request does. Throws `not-active` as `heedLeadership` does. Never ends if the process does. */
  async ask<T>(act: (container: DependencyContainer) => Promise<T>): Promise<T> {
    await this.process.runs()
    const { container } = this
    if (container === undefined || !this.#keeper.holds()) throw notActive()
    const asked = act(container)
    this.#asked.add(asked)
    const answer = await asked.finally(() => this.#asked.delete(asked))
    await this.process.runs()
    if (!this.#keeper.holds()) throw notActive()
    return answer
  }

  /** Ends in good order, as SIGTERM has it. */
  async stop(): Promise<void> {
    await this.process.runs()
    this.container = undefined
    this.#stop.abort()
    // as the listeners: who was let in is answered, within some time
    await Promise.race([Promise.allSettled(this.#asked), this.process.sleep(inTime)])
    this.#isClosed = true
    this.#store?.close()
    await this.#store?.closed
    await this.#closeLog()
    await this.#keeper.release()
    this.process.kill()
  }

  /** Ends the work on the log, and notes where it ended. */
  async #closeLog(): Promise<void> {
    const taken = this.#taken
    if (taken === undefined) return
    const last = await taken.close()
    await this.#sight.ended(taken.log, { ...last, at: this.#parts.host.clocks.now().toISOString() })
  }

  /** True if it has the log, and may serve. */
  get hasLog(): boolean {
    return !this.isOver && this.#store !== undefined
  }

  /** What its store has. */
  async content(): Promise<Content> {
    const store = this.#store as MirrorStore
    const [codes, enrolments] = [await store.codes(), await store.enrolments()]
    const { number: generation } = await store.generation()
    const leaves = (await store.audit.waiting(Number.MAX_SAFE_INTEGER)).map(({ leaf }) => leaf)
    return { codes, enrolments, leaves, generation }
  }

  /** Lets go of the file of a process that is over. */
  close(): void {
    try {
      this.#mirror?.close()
    } catch {
      // it is closed
    }
  }

  async #run(): Promise<void> {
    const { seen, world } = this.#parts
    try {
      await this.#lead()
      const why = this.#taken?.restored?.why
      seen.takeOvers.push({ process: this.name, at: world.clock.monotonic(), ...(why && { settled: why }) })
      if (this.container !== undefined) await this.#sweepOnAndOn(this.container)
    } catch (error) {
      this.#note(error)
      await this.#closeLog()
      await this.#keeper.release()
      this.process.kill()
    }
  }

  #note(error: unknown): void {
    const { seen, world } = this.#parts
    const at = world.clock.monotonic()
    if (error instanceof LogRefusal) {
      seen.words.push(at)
      seen.takeOvers.push({ process: this.name, at, refused: error.code })
    } else if (!isOutage(error)) {
      seen.broken.push(`${this.name} could not take over: ${error}`)
    }
  }

  async #lead(): Promise<void> {
    const { host } = this.#parts
    const waiting = new AbortController()
    const keeper = this.#keeper
    const renewal = () => keeper.renewal && { holder: keeper.renewal.holder, at: keeper.renewal.renewed }
    const servers = this.#announced()
    const followed = this.#sight.follow(waiting.signal, renewal, () => servers.sayNow())
    void servers.start(this.#stop.signal)
    if (!(await keeper.lead(this.#stop.signal))) await new Promise<never>(() => undefined)
    waiting.abort()
    await followed
    const taken = await this.#openStore()
    if (this.#parts.isSilent) return
    const container = this.#made as DependencyContainer
    const settling = { ...settlingParts(container), line: taken }
    await servers.hear((...said) => this.#settleFork(settling, ...said), this.#stop.signal)
    await settleRestored({
      ...settling,
      age: container.resolve(StoreAge),
      state: host.state,
      server: host.address,
      lostDecisions
    })
    this.#settling = settling
    this.container = container
  }

  /** Says that this server is there, and hears what others have of the log. */
  #announced(): AnnouncedServers {
    const { host, world } = this.#parts
    return new AnnouncedServers({
      presences: world.presencesBy(host.name, this.process),
      own: { holder: this.name, address: host.address },
      authority: { pin: `sha256:${'0'.repeat(64)}`, from: 0 },
      active: () => this.#keeper.active,
      masterKeys: { all: [{ file: 'master.key', key: masterKey }] },
      cluster: async () => 'uid',
      holds: () => this.#keeper.holds(),
      lost: () => {
        const { lost } = this.#sight
        return this.#taken === undefined && lost !== undefined ? tellLost(host.address, lost, keys[0]) : undefined
      },
      heardLost: async (...said) => this.#settling && this.#settleFork(this.#settling, ...said),
      heardReplaced: () => {},
      clock: { now: host.clocks.now },
      monotonic: host.clocks.monotonic,
      sleep: this.process.sleep,
      log: quiet
    })
  }

  async #settleFork(settling: ForkParts, server: string, text: string): Promise<void> {
    const lost = readLost(server, text, keys)
    if (lost !== undefined) await settleFork(settling, { lost, server })
  }

  /** Opens the store as `openClusterStore` does, by the time of the world. */
  async #openStore(): Promise<Taken> {
    const { host, seen, world } = this.#parts
    const file = storeFileIn(host.state)
    this.#mirror = openMirror(file)
    const taken = await takeOver({
      ...logPartsOf({ world, host, process: this.process, holder: this.name }),
      mayGoOn: () => this.#keeper.holds(),
      known: this.#mirror.known(),
      seen: this.#sight.seen,
      mark: markDocument,
      now: host.clocks.now,
      deposed: () => this.process.kill(),
      alert: (sentence) => this.#alert(sentence)
    })
    this.#taken = taken
    if (taken.lost !== undefined) {
      this.#mirror.close()
      await putAside(host.state, new Date(taken.lost.at ?? host.clocks.now()))
      this.#mirror = openMirror(file)
    }
    await this.#sight.took(taken.log, taken.own)
    this.#store = this.#mirror.store(taken, {
      ended: (error) => {
        seen.broken.push(`${this.name} could not follow the log: ${error.message}`)
        this.process.kill()
      },
      monotonic: host.clocks.monotonic
    })
    return taken
  }

  #alert(sentence: string): void {
    const { host, seen, world } = this.#parts
    const told = entry(host.clocks.now(), 'server', 'log-edited', sentence, true)
    if (this.#store === undefined) return
    void commitsTo(this.#recorded())
      .append({ entries: [{ subject: storeSubject, entry: told }] })
      .then(
        () => void seen.words.push(world.clock.monotonic()),
        () => undefined
      )
  }

  #recorded(): WritableStore {
    const { world, seen } = this.#parts
    return recordedStore(this.#store as MirrorStore, this.name, world.clock.monotonic, seen)
  }

  async #makeContainer(): Promise<DependencyContainer> {
    const { world, host } = this.#parts
    const { cluster } = this.#reached
    const config = {
      agents: { listen: '127.0.0.1:0', address: host.address },
      operators: { socket: '' },
      state: host.state,
      credential: 'token',
      store: 'cluster'
    } as const
    const container = await createContainer(config, cluster, undefined, () => this.#recorded())
    container.register(Log, { useValue: quiet })
    container.register(Clock, { useValue: { now: host.clocks.now } })
    container.register(Monotonic, { useValue: host.clocks.monotonic })
    container.register(Random, { useValue: world.random })
    container.register(Leadership, { useValue: this.#keeper })
    // the world sweeps by its own time
    container.register(Pacemaker, { useValue: { nudge: () => undefined } as Pacemaker })
    return container
  }

  async #sweepOnAndOn(container: DependencyContainer): Promise<void> {
    const reconciler = container.resolve(Reconciler)
    while (!this.isOver) {
      await reconciler.pass(true).catch(() => undefined)
      await this.process.sleep(sweepEach, this.#stop.signal)
      if (this.#stop.signal.aborted) return
    }
  }
}

/** The parts of the work on the log for a process of this host. */
export const logPartsOf = ({ world, host, process, holder }: LogPlace): LogParts => ({
  objects: world.reach(host.name, process).log,
  keys,
  holder,
  clock: { monotonic: host.clocks.monotonic, sleep: process.sleep },
  random: world.random,
  log: quiet,
  budget: budgets.clusterLog,
  mayGoOn: () => !process.isDead
})

interface LogPlace {
  world: World
  host: Pick<OwnHost, 'name' | 'clocks'>
  process: VirtualProcess
  holder: string
}
