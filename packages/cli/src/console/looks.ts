import type { Change, Following } from '../follow/following.ts'
import { usualInterval } from '../follow/rest-after.ts'
import type { SeenEnrolment } from '../operator-client.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { ConsoleEvent } from './contract.ts'
import { countStates } from './list-page.ts'
import { toldProblem } from './problem.ts'

/** Bounds of one event: number of its rows, and characters of its text. What is more is a whole look of the page. */
const rowsAtMost = 200
const textAtMost = 512 * 1024

export interface LooksParts {
  follow(): Promise<Following<SeenEnrolment>>
  /** Waits this many milliseconds. */
  pause(milliseconds: number, signal?: AbortSignal): Promise<void>
  now(): Date
  told: Terminal['told']
}

/** Milliseconds for which the console follows on when no page is open: one that is loaded again finds all there. */
const lingers = 30_000

export interface Listener {
  /** Hears the JSON of each event. */
  hear(event: string): void
  /** Is told that no event follows. */
  end(): void
}

/**
 * The looks of a console at all enrolments. Its pages share them: however many there are, the console follows the enrolments once, and
 * not at all while no page is open.
 */
export class Looks {
  readonly #parts: LooksParts
  readonly #listeners = new Set<Listener>()
  #following: Following<SeenEnrolment> | undefined
  #items: readonly SeenEnrolment[] = []
  #number = 0
  /** Number of those who wait for a list. */
  #asking = 0
  /** The first look, for those who wait for it. Rejected if the server does not answer. */
  #first = Promise.withResolvers<void>()
  #isCurrent = false
  /** The server does not answer, in the words of the first error of its kind. */
  #away: Extract<ConsoleEvent, { type: 'away' }> | undefined
  #running: Promise<void> | undefined
  #wake = (): void => {}
  #lingering: AbortController | undefined

  constructor(parts: LooksParts) {
    this.#parts = parts
  }

  /** All enrolments as they are now, and the number of the look. Throws if the server does not answer. */
  async all(): Promise<{ items: readonly SeenEnrolment[]; look: number }> {
    this.#asking += 1
    try {
      const { promise } = this.#first
      this.#begin()
      if (!this.#isCurrent) await promise
      return { items: this.#items, look: this.#number }
    } finally {
      this.#asking -= 1
      this.#linger()
    }
  }

  /** Takes up an enrolment as the answer to a deed of the page shows it. */
  took(enrolment: SeenEnrolment): void {
    if (this.#isCurrent && this.#following !== undefined) this.#take(this.#following.took(enrolment))
  }

  /** Has `listener` hear each event, until the returned function is called. The first event asks for a whole look. */
  hear(listener: Listener): () => void {
    this.#listeners.add(listener)
    listener.hear(JSON.stringify({ type: 'look', look: this.#number } satisfies ConsoleEvent))
    if (this.#away !== undefined) listener.hear(JSON.stringify(this.#away))
    this.#begin()
    return () => {
      this.#listeners.delete(listener)
      this.#linger()
    }
  }

  get #isUsed(): boolean {
    return this.#listeners.size + this.#asking > 0
  }

  /** Follows on for a while, if nobody listens by then. */
  #linger(): void {
    this.#lingering?.abort()
    const lingering = new AbortController()
    this.#lingering = lingering
    void this.#parts.pause(lingers, lingering.signal).then(() => {
      // a later one counts
      if (this.#lingering !== lingering) return
      this.#lingering = undefined
      if (!this.#isUsed) this.#close()
    })
  }

  /** Follows the enrolments, if it does not already. If the server is away, it is asked again now. */
  #begin(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    this.#wake()
  }

  async #run(): Promise<void> {
    while (this.#isUsed || this.#lingering !== undefined) {
      let following = this.#following
      try {
        following ??= await this.#parts.follow()
        this.#following = following
        const change = await following.next()
        if (following.isClosed) continue
        this.#isBack()
        this.#take(change)
        this.#isCurrent = true
        this.#first.resolve()
      } catch (error) {
        // it was closed, and somebody may have come since
        if (following?.isClosed) continue
        this.#isAway(error)
        await this.#pause()
      }
    }
    this.#close()
  }

  #pause(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    return Promise.race([this.#parts.pause(usualInterval), woken])
  }

  #close(): void {
    this.#following?.close()
    this.#following = undefined
    this.#renew(new Error('nobody follows any more'))
  }

  /** Has whoever asks next wait for a look that is to come. Whoever waits gets the error. */
  #renew(error: unknown): void {
    this.#isCurrent = false
    // nobody may wait
    this.#first.promise.catch(() => undefined)
    this.#first.reject(error)
    this.#first = Promise.withResolvers()
  }

  #take({ changed, gone }: Change<SeenEnrolment>): void {
    const isFirst = this.#number === 0
    this.#items = this.#following?.items ?? []
    if (changed.length + gone.length === 0 && !isFirst) return
    this.#number += 1
    this.#tell(
      isFirst || changed.length + gone.length > rowsAtMost
        ? { type: 'look', look: this.#number }
        : { type: 'changed', look: this.#number, rows: [...changed], gone: [...gone], counts: countStates(this.#items) }
    )
  }

  #isAway(error: unknown): void {
    this.#renew(error)
    const problem = toldProblem(error, this.#parts)
    // another cause is told too: a server that was out of reach may stand by now
    if (this.#away?.problem.code === problem.code) return
    this.#away = { type: 'away', since: this.#away?.since ?? this.#parts.now().toISOString(), problem }
    this.#tell(this.#away)
  }

  #isBack(): void {
    if (this.#away === undefined) return
    this.#away = undefined
    this.#tell({ type: 'back' })
    this.#tell({ type: 'look', look: this.#number })
  }

  #tell(event: ConsoleEvent): void {
    const text = JSON.stringify(event)
    const told =
      text.length <= textAtMost ? text : JSON.stringify({ type: 'look', look: this.#number } satisfies ConsoleEvent)
    for (const listener of this.#listeners) listener.hear(told)
  }

  /** Tells all pages that the console ends. */
  end(reason: string): void {
    this.#tell({ type: 'end', reason })
    for (const listener of this.#listeners) listener.end()
    this.#listeners.clear()
    this.#lingering?.abort()
    this.#lingering = undefined
    this.#close()
    this.#wake()
  }
}
