import { budgets } from '@joinery/server/testing/base'
import { type Fate, overtaken, type TakenOver, takeOver } from '@joinery/server/testing/log'
import { type Seeded, seededFor } from '@joinery/testing/chance/seeded'
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

/** One history: servers that are killed, stopped, and replaced while they still run. */
class History {
  readonly #chance: Seeded
  readonly #world: World
  readonly #looks: Look[] = []
  readonly #asked: { op: Op; number: number }[] = []
  readonly #broken: string[] = []
  #running: Running[] = []
  #texts = 0

  readonly #characters: number

  /** `characters`: how long a document is, beside its number. */
  constructor(seed: number, characters = 0) {
    this.#characters = characters
    this.#chance = seededFor(seed, 1)
    this.#world = makeWorld(seed, seed % 2 === 0 ? budgets.clusterLog.gather : 0)
    this.#world.fate = () => weather(this.#chance)
  }

  /** Plays it. Returns the rules that were broken. */
  async play(steps = 60): Promise<{ broken: string[]; acked: number; looks: number }> {
    this.#start()
    for (let step = 0; step < steps; step += 1) {
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
      acked: ops.filter(({ told }) => typeof told === 'object').length,
      looks: this.#looks.length
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
    const documents = someDocuments(this.#chance, count, this.#characters)
    const op: Op = { server: -1, documents, mayBeCut: this.#characters > 0 }
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

/** More of them, or others: `JOINERY_HISTORIES=1000 JOINERY_SEED=5000`. */
const histories = Number(process.env.JOINERY_HISTORIES ?? 40)
const first = Number(process.env.JOINERY_SEED ?? 1)

t.test(`no history of ${histories} loses what was acknowledged, or brings back what was not`, async (t) => {
  let [acked, looks] = [0, 0]
  for (let seed = first; seed < first + histories; seed += 1) {
    const result = await new History(seed).play()
    t.same(result.broken, [], `seed ${seed}`)
    acked += result.acked
    looks += result.looks
  }
  t.ok(acked > histories * 5, `${acked} batches were acknowledged`)
  t.ok(looks > histories * 4, `${looks} servers took over`)
})

const large = Math.ceil(histories / 20)

t.test(`no history of ${large} loses anything if batches are cut and the head is full`, async (t) => {
  let acked = 0
  for (let seed = first; seed < first + large; seed += 1) {
    const result = await new History(seed, 90_000).play(40)
    t.same(result.broken, [], `seed ${seed}`)
    acked += result.acked
  }
  t.ok(acked > large * 3, `${acked} batches were acknowledged`)
})
