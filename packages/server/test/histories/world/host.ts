import { rmSync } from 'node:fs'
import type { KnownLog } from '../../../src/core/ports/log/appender.ts'
import { HeadSight, type SeenHeadFile } from '../../../src/features/high-availability/log/head-sight.ts'
import type { Seen as Memory } from '../../../src/features/high-availability/log/memory/memory.ts'
import { adoptOfCluster, adoptOfThisHost } from '../../../src/program/moving/adopt.ts'
import { asOnlyServer } from '../../../src/program/moving/only-server.ts'
import { requireFollower } from '../../../src/program/moving/require-follower.ts'
import type { Seen } from '../seen.ts'
import { HostClocks } from './host-clocks.ts'
import { keys, logPartsOf, quiet, Server } from './server.ts'
import { newState } from './state-folder.ts'
import { VirtualProcess } from './virtual-process.ts'
import type { World } from './world.ts'

/** Milliseconds after which systemd starts a server again that has ended. */
const restartAfter = 5_000

interface Parts {
  name: string
  world: World
  /** Room for the state folder of this host. */
  folder: string
  seen: Seen
}

/** One host: what stays of its server when the process ends. */
export class Host {
  readonly name: string
  readonly clocks: HostClocks
  readonly headSeen: SeenHeadFile
  state: string
  readonly #parts: Parts
  #memory: Memory | undefined
  #server: Server | undefined
  #lives = 0
  #startAt = 0

  constructor(parts: Parts) {
    const { name, world, folder } = parts
    this.#parts = parts
    this.name = name
    this.state = newState(folder, name)
    this.clocks = new HostClocks(world.clock.monotonic)
    this.headSeen = {
      read: async () => this.#memory,
      write: async (newest) => {
        this.#memory = structuredClone(newest)
      }
    }
  }

  get address(): string {
    return `https://${this.name}:7443`
  }

  /** The process of this host. Undefined if none runs. */
  get server(): Server | undefined {
    return this.#server?.isOver ? undefined : this.#server
  }

  /** Starts the server if it is time for that. */
  async startIfDue(isSilent = false): Promise<void> {
    const { world, seen } = this.#parts
    if (this.server !== undefined) return
    this.#bury()
    if (world.clock.monotonic() < this.#startAt) return
    this.#lives += 1
    this.#server = await Server.start({ world, host: this, seen, name: `${this.name}-${this.#lives}`, isSilent })
  }

  /** Kills the process, if one runs. It comes back after so many milliseconds. */
  kill(back = restartAfter): void {
    this.#server?.process.kill()
    this.#startAt = Math.max(this.#startAt, this.#parts.world.clock.monotonic() + back)
  }

  /** Suspends the host: its processes stand still, and its monotonic clock. */
  suspend(milliseconds: number): void {
    this.server?.process.stop(milliseconds)
    this.clocks.suspend(milliseconds)
  }

  /** Stops the virtual machine: its processes stand still, and all of its clocks. */
  freeze(milliseconds: number): void {
    this.server?.freeze(milliseconds)
    this.clocks.freeze(milliseconds)
  }

  /** Lets the server start now, whatever it waits for. */
  hurry(): void {
    this.#startAt = 0
  }

  /** Puts another host in the place of this one, which has only the keys. */
  replace(): void {
    this.kill()
    this.#bury()
    this.#memory = undefined
    this.remove()
    this.state = newState(this.#parts.folder, this.name)
  }

  /** Carries out `store adopt` on this host, on which no server runs. Nothing of the last one must be under way. */
  async adopt(from: 'cluster' | 'local'): Promise<void> {
    const { world } = this.#parts
    this.#bury()
    const process = new VirtualProcess(world.clock)
    const { lease, log: objects } = world.reach(this.name, process)
    const memory = new HeadSight({
      objects,
      keys,
      file: this.headSeen,
      known: undefined,
      sleep: async () => undefined,
      log: quiet
    })
    await memory.begin()
    const only = {
      lease,
      address: this.address,
      log: quiet,
      say: () => undefined,
      taking: (found: Parameters<typeof memory.taking>[0]['found'], { acquired }: { acquired: string }) =>
        memory.taking({ found, acquired }),
      clocks: this.clocks.read,
      sleep: process.sleep
    }
    const adopt = from === 'cluster' ? adoptOfCluster : adoptOfThisHost
    await asOnlyServer(only, ({ holder, mayGoOn }) =>
      adopt({
        state: this.state,
        log: { ...logPartsOf({ world, host: this, process, holder }), mayGoOn },
        memory,
        now: this.clocks.now(),
        print: () => undefined
      })
    )
  }

  /** What its file knows of the log. */
  known(): KnownLog | undefined {
    return requireFollower(this.state)
  }

  /** Removes the state folder. */
  remove(): void {
    rmSync(this.state, { recursive: true })
  }

  #bury(): void {
    if (this.#server === undefined) return
    this.#server.close()
    this.#server = undefined
    this.#startAt = Math.max(this.#startAt, this.#parts.world.clock.monotonic() + restartAfter)
  }
}
