import type { CodeStatusView } from '@joinery/protocol/door'
import type { Budgets } from '../../../core/base/budgets.ts'
import type { Clock, Monotonic } from '../../../core/base/clock.ts'
import { take } from '../../../core/base/rates/token-bucket.ts'
import { shortTurns } from '../../../core/base/short-turns.ts'
import type { Codes, SeenCode } from '../../../core/ports/objects/codes.ts'
import { hashOf } from '../../../core/ports/objects/hash-of.ts'
import { codeStatus, type SettledCode } from './code-status.ts'
import { type SettledParts, settledCodes } from './settled-codes.ts'

interface Parts extends SettledParts {
  codes: Pick<Codes, 'settle'>
  clock: Clock
  monotonic: Monotonic
  budgets: Budgets['codes']
}

/**
 * Makes the status of each Code as the store says it is. It compares what is with what must be, for all Codes after each look and
 * for one after a commit. So a write that is lost, late or undone by somebody is made good by a later look.
 */
export class CodeStatuses {
  readonly #parts: Parts
  /** Codes as the cluster has them, as far as the last look and the own writes tell, by name. */
  #seen = new Map<string, SeenCode>()
  /** Names of the Codes that must be compared. */
  readonly #due = new Set<string>()
  /** Times of the last writes, by name, as far as they still hold up the next one. */
  readonly #wrote = new Map<string, number>()
  #bucket: number | undefined
  #writing: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #signal = AbortSignal.abort()
  #lookAgain = (): void => {}

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Writes from now on after commits too, until `signal` aborts. `lookAgain` makes a look if a write shows that one is needed. */
  start(lookAgain: () => void, signal: AbortSignal): void {
    this.#lookAgain = lookAgain
    this.#signal = signal
    signal.addEventListener('abort', () => clearTimeout(this.#timer))
  }

  /** Takes note that the code with this id may have changed. Costs the caller nothing. */
  note(id: string): void {
    if (!this.#seen.has(id)) return
    this.#due.add(id)
    this.#writeIn(0)
  }

  /** Takes over the Codes of a list. Commits from now on are heard for them. */
  see(listed: readonly SeenCode[]): void {
    this.#seen = new Map(listed.map((seen) => [seen.name, seen]))
  }

  /** Writes each status that is not as it must be, as far as the budget goes. `settled`: as the store says of the Codes, by uid. */
  async follow(settled: ReadonlyMap<string, SettledCode>): Promise<void> {
    const now = this.#parts.clock.now()
    for (const [name, seen] of this.#seen) if (statusDue(seen, settled.get(seen.uid), now)) this.#due.add(name)
    await this.#write()
  }

  #writeIn(delay: number): void {
    if (this.#signal.aborted || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      // what fails now is tried again by the look, which also says that it fails
      this.#write().catch(this.#lookAgain)
    }, delay)
    this.#timer.unref()
  }

  /** Writes what is due, one after the other, and one such round at a time. */
  #write(): Promise<void> {
    const round = this.#writing.then(() => this.#writeDue())
    this.#writing = round.catch(() => undefined)
    return round
  }

  async #writeDue(): Promise<void> {
    const turn = shortTurns()
    let pause = Number.POSITIVE_INFINITY
    const failures: unknown[] = []
    this.#forgetWrites()
    for (const name of [...this.#due]) {
      // what fails for one must not keep the others waiting, but an outage is not tried out on each
      if (failures.length >= this.#parts.budgets.atOnce) break
      // what changes during the write makes it due again, and what stays due is the last one
      this.#due.delete(name)
      try {
        const wait = await this.#writeOne(name)
        if (wait > 0) this.#due.add(name)
        if (wait > 0) pause = Math.min(pause, wait)
      } catch (error) {
        this.#due.add(name)
        failures.push(error)
      }
      await turn()
    }
    if (pause < Number.POSITIVE_INFINITY) this.#writeIn(pause)
    if (failures.length > 0) throw failures[0]
  }

  /** Writes the status of a Code if it differs. Returns 0, or the milliseconds for which that must wait. */
  async #writeOne(name: string): Promise<number> {
    const seen = this.#seen.get(name)
    if (seen === undefined) return 0
    const { codes, clock } = this.#parts
    const settled = await settledCodes(this.#parts, [seen])
    const must = statusDue(seen, settled.get(seen.uid), clock.now())
    if (must === undefined) return 0
    const wait = this.#room(name)
    if (wait > 0) return wait
    this.#noteWrite(name)
    const resourceVersion = await codes.settle(seen, must)
    if (resourceVersion !== undefined) this.#seen.set(name, { ...seen, resourceVersion, status: must })
    else {
      // somebody else wrote it, or it is gone: only a look tells
      this.#seen.delete(name)
      this.#lookAgain()
    }
    return 0
  }

  /** Takes a write out of the budget. Returns 0, or the milliseconds for which there is none for this Code. */
  #room(name: string): number {
    const { monotonic, budgets } = this.#parts
    const now = monotonic()
    const rest = (this.#wrote.get(name) ?? Number.NEGATIVE_INFINITY) + budgets.each - now
    if (rest > 0) return rest
    const taken = take(this.#bucket, now, budgets.writes)
    if ('wait' in taken) return taken.wait
    this.#bucket = taken.fullAt
    return 0
  }

  #noteWrite(name: string): void {
    // the last write is the last one of the map
    this.#wrote.delete(name)
    this.#wrote.set(name, this.#parts.monotonic())
  }

  #forgetWrites(): void {
    const over = this.#parts.monotonic() - this.#parts.budgets.each
    for (const [name, at] of this.#wrote) {
      if (at > over) return
      this.#wrote.delete(name)
    }
  }
}

/** The status that must be written, for the Code has another one. Undefined if there is nothing to write. */
const statusDue = (seen: SeenCode, settled: SettledCode | undefined, now: Date): CodeStatusView | undefined => {
  const must = settled && codeStatus(settled, now, seen.generation)
  return must !== undefined && hashOf(must) !== hashOf(seen.status) ? must : undefined
}
