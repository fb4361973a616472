import type { List } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { restAfter } from '../output/watch/watch.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { ConsoleEvent } from './contract.ts'
import { countStates } from './list-page.ts'
import { toldProblem } from './problem.ts'

/** Bounds of one event: number of its rows, and characters of its text. What is more is a whole look of the page. */
const rowsAtMost = 200
const textAtMost = 512 * 1024

export interface LooksParts {
  list(): Promise<List<SeenEnrolment>>
  /** Waits this many milliseconds. */
  pause(milliseconds: number): Promise<void>
  /** Tells milliseconds. */
  monotonic(): number
  now(): Date
  told: Terminal['told']
}

export interface Listener {
  /** Hears the JSON of each event. */
  hear(event: string): void
  /** Is told that no event follows. */
  end(): void
}

/**
 * The looks of a console at all enrolments. Its pages share them: however many there are, the pairing server is asked once a second
 * at most, and not at all while no page is open. Whole lists are compared, so nothing depends on having seen every step.
 */
export class Looks {
  readonly #parts: LooksParts
  readonly #listeners = new Set<Listener>()
  #items: readonly SeenEnrolment[] = []
  #texts = new Map<string, string>()
  #number = 0
  /** Time of the last answer, and how long it took. */
  #answered: { at: number; took: number } | undefined
  /** Number of the deeds so far, and of those that the last look may have seen. */
  #deeds = 0
  #seen = 0
  #asking: Promise<void> | undefined
  /** The server does not answer, in the words of the first error of its kind. */
  #away: Extract<ConsoleEvent, { type: 'away' }> | undefined
  #isRunning = false
  #wake = (): void => {}

  constructor(parts: LooksParts) {
    this.#parts = parts
  }

  /** All enrolments as of a look that is not old, and the number of the look. */
  async all(): Promise<{ items: readonly SeenEnrolment[]; look: number }> {
    if (!this.#isFresh()) await this.#look()
    return { items: this.#items, look: this.#number }
  }

  /** Says that the page has changed something: no look from before is fresh. */
  changed(): void {
    this.#deeds += 1
    this.#wake()
  }

  /** Has `listener` hear each event, until the returned function is called. The first event asks for a whole look. */
  hear(listener: Listener): () => void {
    this.#listeners.add(listener)
    listener.hear(JSON.stringify({ type: 'look', look: this.#number } satisfies ConsoleEvent))
    if (this.#away !== undefined) listener.hear(JSON.stringify(this.#away))
    void this.#run()
    return () => {
      this.#listeners.delete(listener)
    }
  }

  #isFresh(): boolean {
    if (this.#answered === undefined || this.#seen !== this.#deeds) return false
    return this.#parts.monotonic() - this.#answered.at < this.#pause()
  }

  #pause(): number {
    return restAfter(this.#answered?.took ?? 0)
  }

  /** Looks while somebody listens. */
  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#listeners.size > 0) {
      await this.#look().then(
        () => this.#isBack(),
        (error) => this.#isAway(error)
      )
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      await Promise.race([this.#parts.pause(this.#pause()), woken])
    }
    this.#isRunning = false
  }

  /** One look that began after the last deed. Whoever asks meanwhile waits for the same one. */
  async #look(): Promise<void> {
    const deeds = this.#deeds
    while (this.#asking !== undefined) {
      await this.#asking
      if (this.#seen >= deeds) return
    }
    this.#asking = this.#ask(deeds)
    try {
      await this.#asking
    } finally {
      this.#asking = undefined
    }
  }

  async #ask(deeds: number): Promise<void> {
    const began = this.#parts.monotonic()
    const { items } = await this.#parts.list()
    const at = this.#parts.monotonic()
    this.#answered = { at, took: at - began }
    this.#seen = deeds
    this.#take(items)
  }

  #take(items: readonly SeenEnrolment[]): void {
    const texts = new Map(items.map((enrolment) => [enrolment.id, JSON.stringify(enrolment)]))
    const rows = items.filter(({ id }) => texts.get(id) !== this.#texts.get(id))
    const gone = [...this.#texts.keys()].filter((id) => !texts.has(id))
    const isFirst = this.#number === 0
    this.#items = items
    this.#texts = texts
    if (rows.length + gone.length === 0 && !isFirst) return
    this.#number += 1
    this.#tell(
      isFirst || rows.length + gone.length > rowsAtMost
        ? { type: 'look', look: this.#number }
        : { type: 'changed', look: this.#number, rows, gone, counts: countStates(items) }
    )
  }

  #isAway(error: unknown): void {
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
    this.#wake()
  }
}
