import { createHash } from 'node:crypto'
import type { TimelineEntry } from '@joinery/protocol'
import { type Seeded, seededFor } from '@joinery/testing/chance/seeded'
import { allDone } from '@joinery/testing/clocks/all-done'
import { parseSummed } from '../../src/adapters/sqlite/summed.ts'
import { StartRefusal } from '../../src/core/base/start-refusal.ts'
import { LogRefusal } from '../../src/core/ports/log/log-refusal.ts'
import { storeFileIn } from '../../src/core/ports/store/store-files.ts'
import { dump } from '../adapters/sqlite/mirror/mirror-fixture.ts'
import { type Complaint, judge } from './judge.ts'
import { type Mode, modeOf } from './modes.ts'
import { nothingSeen, type Seen, type TakeOver } from './seen.ts'
import { type Counts, countsOf } from './tally.ts'
import { meddle, strike } from './world/faults.ts'
import { Host } from './world/host.ts'
import { People } from './world/people.ts'
import type { Server } from './world/server.ts'
import { latest } from './world/weather.ts'
import { type Backup, World } from './world/world.ts'

export interface Played {
  complaints: Complaint[]
  counts: Counts
  /** Hash of all that was seen. The same seed has the same one. */
  trace: string
}

/** Milliseconds in which a server takes over at the end, when nothing fails any more. */
const patience = 120_000

const steps = 80

/** Plays the history of a seed, and judges it. `folder`: that of `stateFolders`, which many histories may have one after the other. */
export const play = async (seed: number, folder: string): Promise<Played> => {
  const mode = modeOf(seed)
  const history = await History.open(seed, mode, folder)
  const seen = await history.play()
  return { complaints: judge(seen), counts: countsOf(seen), trace: hashOf(seen) }
}

class History {
  readonly #chance: Seeded
  readonly #world: World
  readonly #seen: Seen
  readonly #hosts: readonly Host[]
  readonly #people: People
  readonly #mode: Mode
  readonly #backups: Backup[] = []
  /** True if etcd was restored, and nobody has tried yet what was taken away from him. */
  #triesAgain = false

  private constructor(seed: number, mode: Mode, folder: string, world: World, seen: Seen) {
    this.#chance = seededFor(seed, 1)
    this.#mode = mode
    this.#world = world
    this.#seen = seen
    this.#hosts = ['a', 'b', 'c'].map((name) => new Host({ name: `${name}-${seed}`, world, folder, seen }))
    this.#people = new People({
      chance: seededFor(seed, 4),
      now: world.clock.monotonic,
      seen,
      server: () => this.#someServer()
    })
  }

  static async open(seed: number, mode: Mode, folder: string): Promise<History> {
    const seen = nothingSeen()
    return new History(seed, mode, folder, await World.open(seed, seen), seen)
  }

  async play(): Promise<Seen> {
    try {
      await this.#start()
      await this.#world.clock.run(20_000)
      for (let step = 0; step < steps; step += 1) await this.#step()
      await this.#settle()
    } finally {
      for (const host of this.#hosts) host.remove()
    }
    return this.#seen
  }

  async #step(): Promise<void> {
    const chance = this.#chance
    await this.#start()
    // most people wait until somebody serves again
    if (chance.chance(0.8)) await this.#untilServed()
    if (this.#triesAgain && this.#isServed) {
      this.#triesAgain = false
      this.#people.tryAgain()
    }
    if (this.#mode !== 'hands' && chance.chance(0.01)) this.#replace()
    else if (chance.chance(0.12)) strike({ chance, world: this.#world, host: this.#struck() }, this.#seen)
    else if (this.#mode === 'hands' && chance.chance(0.06)) {
      meddle(this.#world, chance, this.#backups.at(0)?.log, this.#seen)
    } else if (this.#mode === 'restore' && chance.chance(0.04)) await this.#restore()
    else this.#act()
    if (this.#isRefused && chance.chance(0.6)) await this.#adopt()
    if (chance.chance(0.1)) this.#backups.push(await this.#world.backup())
    await this.#world.clock.run(chance.chance(0.6) ? chance.integer(0, 100) : chance.integer(0, 5_000))
  }

  /** Lets time go by until a server serves, but not for ever. */
  async #untilServed(): Promise<void> {
    for (let tries = 0; tries < 15 && !this.#isRefused && !this.#isServed; tries += 1) {
      await this.#world.clock.run(2_000)
      await this.#start()
    }
  }

  get #isServed(): boolean {
    return this.#hosts.some(({ server }) => server?.serves)
  }

  /** A host is lost, and another one comes in its place. */
  #replace(): void {
    const host = this.#struck()
    this.#note('replaced', host.name)
    host.replace()
  }

  #note(what: string, host: string): void {
    this.#seen.faults.push({ at: this.#world.clock.monotonic(), what, host })
  }

  /** People do things, some of them at the same time. */
  #act(): void {
    const chance = this.#chance
    for (let together = chance.chance(0.3) ? chance.integer(2, 4) : 1; together > 0; together -= 1) this.#people.act()
    if (chance.chance(0.3)) this.#people.read()
  }

  async #start(): Promise<void> {
    for (const host of this.#hosts) await host.startIfDue()
  }

  /** Puts etcd back, while the servers run or not. */
  async #restore(): Promise<void> {
    const chance = this.#chance
    if (this.#backups.length === 0) return
    const dice = chance.next()
    if (dice < 0.6) this.#killAll(() => chance.integer(1_000, 60_000))
    if (dice < 0.4) this.#comeNew()
    await this.#world.restore(chance.pick(this.#backups.slice(-4)))
    this.#triesAgain = true
  }

  /** A new host comes, which has nothing but the keys, before the others are back. */
  #comeNew(): void {
    const host = this.#struck()
    this.#note('replaced', host.name)
    host.replace()
    host.hurry()
  }

  /** True if the last server that came to the log was refused. */
  get #isRefused(): boolean {
    return this.#seen.takeOvers.at(-1)?.refused !== undefined
  }

  /**
   * An operator stops all servers, and says which copy of the log is right: the cluster's, on the host that was refused, or the file of
   * the host that knows most, if that one was active last. If the one is refused as well, the other one is right.
   */
  async #adopt(): Promise<void> {
    const { clock, weather } = this.#world
    const { process, refused } = this.#seen.takeOvers.at(-1) as TakeOver
    this.#killAll(() => 0)
    weather.clear()
    await allDone()
    const isLocal = refused === 'log-damaged' && this.#chance.chance(0.5) && this.#wasLast(this.#newest())
    const first = isLocal ? 'local' : 'cluster'
    for (const from of [first, first === 'local' ? 'cluster' : 'local'] as const) {
      const host = from === 'local' ? this.#newest() : this.#hosts.find(({ name }) => process.startsWith(name))
      const why = await clock.until(
        (host as Host).adopt(from).then(
          () => undefined,
          (error: unknown) => error
        )
      )
      if (why !== undefined && !(why instanceof StartRefusal)) throw why
      // a late renewal looks as if a server were active: the person tries again later
      if (why !== undefined && !(why instanceof LogRefusal)) return
      this.#seen.words.push(clock.monotonic())
      if (why !== undefined) continue
      this.#seen.takeOvers.push({ process: `adopt ${from} on ${host?.name}`, at: clock.monotonic() })
      return
    }
  }

  /** The host whose file knows most of the log that the cluster has. */
  #newest(): Host {
    const log = this.#world.log.head?.log
    const known = this.#hosts.map((host) => ({ host, known: host.known() }))
    const numbers = known.map(({ host, known }) => ({ host, number: known?.log === log ? (known?.number ?? 0) : 0 }))
    return numbers.reduce((most, one) => (one.number > most.number ? one : most)).host
  }

  /** True if no other host was active since this one: an older file is no copy of what was told since. */
  #wasLast({ name }: Host): boolean {
    const last = this.#seen.takeOvers.findLast(({ process, refused }) => !refused && !process.startsWith('adopt'))
    return last?.process.startsWith(name) === true
  }

  #killAll(back: () => number): void {
    for (const host of this.#hosts) host.kill(back())
  }

  /** The host that a fault strikes. */
  #struck(): Host {
    const active = this.#hosts.find(({ server }) => server?.serves)
    return active !== undefined && this.#chance.chance(0.7) ? active : this.#chance.pick(this.#hosts)
  }

  /** One that serves, or believes so; now and then one that stands by. */
  #someServer(): Server | undefined {
    const running = this.#hosts.flatMap(({ server }) => (server === undefined ? [] : [server]))
    const active = running.filter(({ container }) => container !== undefined)
    if (running.length === 0) return undefined
    return this.#chance.pick(active.length > 0 && this.#chance.chance(0.95) ? active : running)
  }

  /**
   * Nothing fails any more, and all that is late comes. Then each server takes over in turn. If somebody was at the log, each does so
   * twice: what one of them has to settle is in the log before they are compared.
   */
  async #settle(): Promise<void> {
    const { weather, clock } = this.#world
    weather.clear()
    for (const { server, clocks } of this.#hosts) {
      clocks.set(0)
      server?.process.goOn()
    }
    await clock.run(latest + 60_000)
    if (this.#mode !== 'plain') for (const host of this.#hosts) await this.#alone(host, false)
    for (const host of this.#hosts) await this.#alone(host, true)
  }

  /** Lets the server of this host alone take over, and end. */
  async #alone(host: Host, isSilent: boolean): Promise<void> {
    const { clock } = this.#world
    const end = clock.monotonic() + patience
    for (const { name } of this.#hosts) this.#note('killed for long', name)
    this.#killAll(() => patience)
    await clock.run(1)
    while (!host.server?.hasLog && clock.monotonic() < end) {
      if (this.#isRefused && !isSilent) await this.#adopt()
      for (const other of this.#hosts) other.kill(other === host ? 0 : patience)
      host.hurry()
      await host.startIfDue(isSilent)
      for (let tries = 0; tries < 40 && host.server !== undefined && !host.server.hasLog; tries += 1)
        await clock.run(500)
    }
    const { server } = host
    if (!server?.hasLog) return void this.#seen.broken.push(`${host.name} takes nothing over at the end`)
    if (!isSilent) await clock.run(40_000)
    const content = await server.content()
    await clock.until(server.stop())
    if (!isSilent) return
    const rows = dump(storeFileIn(host.state))
    const entries = (rows.timeline as { subject: string; entry: string }[]).map(({ subject, entry }) => ({
      subject,
      entry: parseSummed<TimelineEntry>(entry)
    }))
    this.#seen.end = { ...content, entries }
    this.#seen.rows.push({ host: host.name, rows })
  }
}

/** The hash of all that was seen. */
const hashOf = (seen: Seen): string =>
  createHash('sha256')
    .update(JSON.stringify(seen, (_, value) => (value instanceof Map ? [...value] : value)))
    .digest('hex')
