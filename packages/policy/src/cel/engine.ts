import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { limits } from '../words/limits.ts'
import type { Evidence } from '../words/variables.ts'
import type { Compiled } from './compile.ts'
import type { Inventories } from './library.ts'
import { type Answer, type Outcome, type Request, watched } from './messages.ts'

/** Compiles and evaluates the expressions of one policy. */
export interface Engine {
  /** Compiles the expressions, in place of those before. */
  compile(expressions: readonly string[], inventories: Inventories): Promise<readonly Compiled[]>
  /** The first of these expressions that holds, fails or takes too long. No expression after it is evaluated. */
  first(numbers: readonly number[], evidence: Evidence): Promise<Outcome>
  close(): Promise<void>
}

/** Milliseconds to evaluate one expression, and to compile one. */
interface Times {
  readonly evaluation: number
  readonly compilation: number
}

/** Reason why the worker gave no answer. `number`: the expression that it was at. */
interface NoAnswer {
  readonly failed: string
  readonly number?: number
}

/** Milliseconds without an answer and without work on any expression: a thread starts, and a busy host takes its time. */
const patience = 30_000

/** The most time by the clock for an expression, as a multiple of its processor time. */
const waits = 20

/**
 * Evaluates in a thread of its own, never in the caller's loop. A thread whose expression takes too long is ended, and the next
 * request starts another one. Requests are answered in turn.
 */
export class WorkerEngine implements Engine {
  readonly #times: Times
  readonly #clock = new BigInt64Array(new SharedArrayBuffer(8 * watched.size))
  /** The last request to compile: a new thread gets it again. */
  #compile: Request | undefined
  #worker: Worker | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(times: Times = limits) {
    this.#times = times
  }

  compile(expressions: readonly string[], inventories: Inventories): Promise<readonly Compiled[]> {
    return this.#inTurn(async () => {
      const request = { compile: { expressions, inventories } }
      const answer = await this.#ask(request)
      this.#compile = 'compiled' in answer ? request : undefined
      if ('compiled' in answer) return answer.compiled
      const { failed: fault = 'the worker did not compile', number: at = 0 } = answer as Partial<NoAnswer>
      // the others were not compiled, and are not at fault
      return expressions.map((_, number) =>
        number === at ? { fault, line: 1, column: 1 } : { uses: [], leansOnProof: true }
      )
    })
  }

  first(numbers: readonly number[], evidence: Evidence): Promise<Outcome> {
    return this.#inTurn(async () => {
      const [beginning] = numbers
      if (beginning === undefined) return undefined
      if (this.#worker === undefined && this.#compile !== undefined) await this.#ask(this.#compile)
      const answer = await this.#ask({ evaluate: { numbers, evidence } })
      if ('outcome' in answer) return answer.outcome
      const { failed = 'the worker did not answer', number = beginning } = answer as Partial<NoAnswer>
      return { number, failed }
    })
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#end())
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  /** The worker's answer, or why there is none. A worker that gave none is ended. */
  async #ask(request: Request): Promise<Answer | NoAnswer> {
    const worker = this.#worker ?? this.#start()
    const { promise, resolve } = Promise.withResolvers<Answer | NoAnswer>()
    const most = 'compile' in request ? this.#times.compilation : this.#times.evaluation
    const begun = process.hrtime.bigint()
    Atomics.store(this.#clock, watched.began, 0n)
    let isOver = false
    /** Ends the wait if the worker is overdue, and else looks again in time. */
    const look = async (): Promise<void> => {
      const began = Atomics.load(this.#clock, watched.began)
      const left = began === 0n ? patience - since(begun) : await this.#left(worker, began, most)
      // the worker may be at another expression by now
      const isAtSame = Atomics.load(this.#clock, watched.began) === began
      if (isOver) return
      if (left > 0 || !isAtSame) timer = setTimeout(look, Math.min(Math.max(left, 0) + 1, most))
      else if (began === 0n) resolve({ failed: 'the worker did not answer' })
      else
        resolve({ failed: `takes longer than ${most} ms`, number: Number(Atomics.load(this.#clock, watched.number)) })
    }
    const died = (error?: Error): void => {
      const isAtOne = Atomics.load(this.#clock, watched.began) !== 0n
      const number = isAtOne ? { number: Number(Atomics.load(this.#clock, watched.number)) } : {}
      resolve({ failed: `ended its worker${error === undefined ? '' : `: ${error.message}`}`, ...number })
    }
    let timer = setTimeout(look, most)
    const left = (): void => died()
    worker.once('message', resolve).once('error', died).once('exit', left)
    worker.ref()
    worker.postMessage(request)
    const answer = await promise
    isOver = true
    clearTimeout(timer)
    worker.off('message', resolve).off('error', died).off('exit', left)
    if ('failed' in answer) await this.#end()
    // a worker that waits keeps no program alive
    else worker.unref()
    return answer
  }

  /**
   * Milliseconds that are left for an expression. It has so much processor time, since a busy host must not make a rule fail, and many
   * times that by the clock.
   */
  async #left(worker: Worker, began: bigint, most: number): Promise<number> {
    const gone = since(began)
    if (gone < most) return most - gone
    if (gone >= most * waits) return 0
    const before = Number(Atomics.load(this.#clock, watched.processor))
    // a worker that does not even say this is ended by the clock
    const used = await Promise.race([worker.cpuUsage().catch(() => undefined), pause(most)])
    return used === undefined ? most * waits - gone : most - (used.user + used.system - before) / 1000
  }

  #start(): Worker {
    const worker = startWorker(this.#clock)
    // one that ended by itself is not asked again
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    this.#worker = worker
    return worker
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}

/** Milliseconds since a time of the monotonic clock. */
const since = (nanoseconds: bigint): number => Number(process.hrtime.bigint() - nanoseconds) / 1e6

/** The file of the worker: beside this one, and in a packaged program beside the program. */
const workerFile = import.meta.url.endsWith('.ts') ? './worker.ts' : './policy-worker.mjs'

const startWorker = (clock: BigInt64Array): Worker => {
  const worker = new Worker(new URL(workerFile, import.meta.url), {
    workerData: clock,
    // an expression that fills the memory ends its thread, and nothing else
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    env: {},
    execArgv: []
  })
  // who waits for an answer hears of it; without a listener it would end the program
  worker.on('error', () => {})
  worker.unref()
  return worker
}
