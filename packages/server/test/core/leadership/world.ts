import { FakeLease } from '@joinery/testing/log/fake-lease-objects'
import type { ReadClocks } from '../../../src/core/leadership/clocks.ts'
import { LeaseKeeper } from '../../../src/core/leadership/lease-keeper.ts'
import type { LeaseObjects } from '../../../src/core/leadership/lease-objects.ts'

interface Due {
  at: number
  act: () => void
}

/** Time that only `advance` moves. What is due happens at its moment. */
export class World {
  readonly lease = new FakeLease()
  #now = 0
  #due: Due[] = []

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now
  }

  after(milliseconds: number, act: () => void): () => void {
    const due = { at: this.#now + Math.max(0, milliseconds), act }
    this.#due.push(due)
    return () => {
      this.#due = this.#due.filter((one) => one !== due)
    }
  }

  /** Lets time go by. `look` is called at each moment at which something happened, and in between. */
  async advance(milliseconds: number, look: () => void = () => {}): Promise<void> {
    const end = this.#now + milliseconds
    for (;;) {
      await settled()
      look()
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0]
      const at = Math.min(next?.at ?? end, end, this.#now + 1_000)
      if (at > this.#now) {
        this.#now = at
        look()
      }
      const ready = this.#due.filter((one) => one.at <= this.#now)
      this.#due = this.#due.filter((one) => one.at > this.#now)
      for (const { act } of ready) act()
      if (this.#now >= end && ready.length === 0) break
    }
    await settled()
    look()
  }
}

/** Lets everything happen that needs no time. An answer that is late is given up one turn after its time. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Way of one call to the API server, and of its answer. */
export interface Way {
  /** Milliseconds until the call is carried out. Undefined: it never is. */
  there: number | undefined
  /** Milliseconds from then until its answer comes. Undefined: none comes. */
  back: number | undefined
}

/** One process of a server in the world. */
export class Server {
  readonly world: World
  readonly name: string
  readonly keeper: LeaseKeeper
  /** Way of the next call. */
  way: (call: 'read' | 'write') => Way = () => ({ there: 1, back: 1 })
  /** What it writes into its log. */
  readonly said: string[] = []
  /** Milliseconds by which each clock differs from the world's. */
  readonly shift = { monotonic: 0, wall: 0, uptime: 0 }
  /** Reason for which it lost the Lease. */
  lost: string | undefined
  /** Times that somebody else wrote the Lease while this server had it. */
  rewritten = 0
  isDead = false
  #pausedUntil = 0
  #isEnded = false
  readonly #stop = new AbortController()

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
    const clocks: ReadClocks = () => ({
      monotonic: world.now + this.shift.monotonic,
      wall: 1_764_000_000_000 + world.now + this.shift.wall,
      uptime: world.now + this.shift.uptime
    })
    const objects: LeaseObjects = {
      read: () => this.#call('read', () => world.lease.read()),
      write: (lease, version) => this.#call('write', () => world.lease.write(lease, version))
    }
    this.keeper = new LeaseKeeper({
      objects,
      own: { holder: name, address: `https://${name}:7443` },
      clocks,
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          if (signal.aborted) return resolve()
          const cancel = world.after(milliseconds, () => this.#awake(resolve))
          signal.addEventListener('abort', () => {
            cancel()
            resolve()
          })
        }),
      taking: async () => {},
      isBarred: () => false,
      log: {
        info: (said: unknown) => this.said.push(String(said)),
        warn: (first: unknown, said?: string) => this.said.push(said ?? String(first))
      },
      lost: (reason) => {
        this.lost = reason
      },
      rewritten: () => {
        this.rewritten += 1
      }
    })
  }

  /** Stands by, and leads. */
  start(): Promise<boolean> {
    return this.keeper.lead(this.#stop.signal)
  }

  /** Ends in good order. */
  async end(): Promise<void> {
    this.#stop.abort()
    await this.keeper.release()
    this.#isEnded = true
  }

  /** True if its process has nothing more to do. */
  get isOver(): boolean {
    return this.lost !== undefined || this.#isEnded
  }

  /** Stops the process for so long (SIGSTOP): nothing that comes meanwhile reaches it before. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.world.now + milliseconds)
  }

  /** Suspends the host for so long: its monotonic clock stands still meanwhile. */
  suspend(milliseconds: number): void {
    this.pause(milliseconds)
    this.shift.monotonic -= milliseconds
  }

  /** Kills the process: its calls that are under way are carried out, and it hears of nothing any more. */
  kill(): void {
    this.isDead = true
  }

  #awake(act: () => void): void {
    if (this.isDead) return
    const left = this.#pausedUntil - this.world.now
    if (left <= 0) act()
    else this.world.after(left, () => this.#awake(act))
  }

  #call<T>(call: 'read' | 'write', carryOut: () => Promise<T>): Promise<T> {
    const { there, back } = this.way(call)
    return new Promise((resolve, reject) => {
      if (there === undefined) {
        if (back !== undefined) this.world.after(back, () => this.#awake(() => reject(new Error('cut'))))
        return
      }
      this.world.after(there, () => {
        void carryOut().then((answer) => {
          if (back !== undefined) this.world.after(back, () => this.#awake(() => resolve(answer)))
        })
      })
    })
  }
}
