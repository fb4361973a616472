import { budgets } from '@joinery/server/testing/base'
import { overtaken, type TakenOver, takeOver } from '@joinery/server/testing/log'
import { type Seeded, seededFor } from '@joinery/testing/chance/seeded'
import type { Fate } from '@joinery/testing/log/fate'
import t from 'tap'
import { ask, brokenRules, type Look, lookOf, type Op, Process, someDocuments } from './history.ts'
import { makeWorld, type World } from './log-fixture.ts'

/** The weather of an API server that has bad days. */
const weather = (chance: Seeded): Fate => {
  const dice = chance.next()
  if (dice < 0.05) return { is: 'lost', there: chance.integer(0, 2000) }
  if (dice < 0.1) return { is: 'late', by: chance.integer(0, 60_000) }
  if (dice < 0.14) return { is: 'never' }
  if (dice < 0.18) return { is: 'refused' }
  if (dice < 0.2) return { is: 'full', done: chance.chance(0.5) }
  if (dice < 0.3) return { is: 'answered', there: chance.integer(0, 3000), back: chance.integer(0, 3000) }
  return { is: 'answered', there: chance.integer(1, 10), back: chance.integer(1, 10) }
}

interface Running {
  process: Process
  taken: TakenOver | undefined
}

/** Characters of a document, beside its number: some of them are more than a head holds. */
const characters = 90_000

/** One history of a log alone, without Lease and store: servers that are killed, stopped, and replaced while they still run. */
class History {
  readonly #chance: Seeded
  readonly #world: World
  readonly #looks: Look[] = []
  readonly #asked: { op: Op; number: number }[] = []
  readonly #broken: string[] = []
  #running: Running[] = []
  #texts = 0

  constructor(seed: number) {
    this.#chance = seededFor(seed, 1)
    this.#world = makeWorld(seed, seed % 2 === 0 ? budgets.clusterLog.gather : 0)
    this.#world.fate = () => weather(this.#chance)
  }

  /** Plays it. Returns the rules that were broken. */
  async play(): Promise<{ broken: string[]; acked: number }> {
    this.#start()
    for (let step = 0; step < 40; step += 1) {
      this.#running = this.#running.filter(({ process }) => !process.isDead)
      this.#step()
      const chance = this.#chance
      await this.#world.clock.run(chance.chance(0.5) ? chance.integer(0, 20) : chance.integer(0, 4000))
    }
    await this.#settle()
    for (const { op, number } of this.#asked) op.server = this.#looks.findIndex((look) => look.number === number)
    const ops = this.#asked.map(({ op }) => op)
    return {
      broken: [...this.#broken, ...brokenRules(ops, this.#looks)],
      acked: ops.filter(({ told }) => typeof told === 'object').length
    }
  }

  #step(): void {
    const dice = this.#chance.next()
    const server = this.#running.length === 0 ? undefined : this.#chance.pick(this.#running)
    if (server === undefined || dice < 0.07) this.#start()
    else if (dice < 0.12) server.process.kill()
    else if (dice < 0.17) server.process.pause()
    else if (dice < 0.3) server.process.goOn()
    else if (server.taken !== undefined) this.#ask(server.taken)
  }

  #ask(taken: TakenOver): void {
    const count = (): number => {
      this.#texts += 1
      return this.#texts
    }
    const documents = someDocuments(this.#chance, count, characters)
    const op: Op = { server: -1, documents }
    this.#asked.push({ op, number: taken.number })
    ask(op, taken)
  }

  #start(): void {
    const server: Running = { process: new Process(), taken: undefined }
    const { clock } = this.#world
    const parts = this.#world.parts({
      deposed: () => server.process.kill(),
      clock: {
        monotonic: clock.monotonic,
        sleep: (milliseconds) => server.process.call(() => clock.sleep(milliseconds))
      }
    })
    this.#running.push(server)
    takeOver({ ...parts, objects: server.process.port(parts.objects) }).then(
      (taken) => {
        server.taken = taken
        this.#looks.push(lookOf(taken))
        // of two that take over at the same time, the one with the lower number was deposed before it knew
        this.#looks.sort((a, b) => a.number - b.number)
      },
      (error: unknown) => {
        server.process.kill()
        if (!(error instanceof Error && error.message === overtaken)) this.#broken.push(`no take-over: ${error}`)
      }
    )
  }

  /** All that is late comes, the deposed servers hear of it, and two more servers look. */
  async #settle(): Promise<void> {
    for (const { process } of this.#running) process.goOn()
    this.#world.fate = () => ({ is: 'answered', there: 1, back: 1 })
    await this.#world.clock.run(this.#chance.chance(0.5) ? 100_000 : 2_000_000)
    for (let last = 0; last < 2; last += 1) {
      for (const { process } of this.#running) process.kill()
      this.#start()
      await this.#world.clock.run(120_000)
    }
    if (this.#world.objects.head?.batches.length !== 0) this.#broken.push('the head is not clear')
  }
}

const seeds = [1, 2]

t.test('no history loses anything if batches are cut and the head is full', async (t) => {
  let acked = 0
  for (const seed of seeds) {
    const result = await new History(seed).play()
    t.same(result.broken, [], `seed ${seed}`)
    acked += result.acked
  }
  t.ok(acked > 3 * seeds.length, `${acked} batches were acknowledged`)
})
