import type { InjectionToken } from 'tsyringe'
import { budgets } from '../base/budgets.ts'

/**
 * Reason for the end of a poll:
 * - changed: the enrolment of its key changed
 * - ended: a newer poll of its key came
 * - nothing: its time is over, its caller is gone, or `end` was called
 */
export type PollEnd = 'changed' | 'ended' | 'nothing'

/** Hears of polls as they end. */
export interface PollMeter {
  ended(why: PollEnd): void
  /** There was no place for a poll. */
  full(): void
}
export const PollMeter = Symbol('PollMeter') as InjectionToken<PollMeter>

export interface Poll {
  readonly over: Promise<PollEnd>
  end(): void
}

/**
 * Wakes the agents that wait for a newer revision of their enrolment. It only makes things sooner. There is one poll for each
 * key: a machine waits once, and further polls of it must not cost the server more.
 */
export class Waiting {
  readonly #polls = new Map<string, (end: PollEnd) => void>()
  readonly #limit: number
  readonly #meter: PollMeter | undefined

  constructor(limit: number = budgets.polls.all, meter?: PollMeter) {
    this.#limit = limit
    this.#meter = meter
  }

  /** Number of agents that wait now. */
  get size(): number {
    return this.#polls.size
  }

  /** Ends the poll of this key: its enrolment has changed. */
  notify(key: string): void {
    this.#polls.get(key)?.('changed')
  }

  /** True if the agent with this key waits now. */
  has(key: string): boolean {
    return this.#polls.has(key)
  }

  /** Polls from now on, for at most `milliseconds`, or until `gone` aborts. Undefined if as many poll as may. */
  poll(key: string, milliseconds: number, gone: AbortSignal): Poll | undefined {
    this.#polls.get(key)?.('ended')
    if (this.#polls.size >= this.#limit) {
      this.#meter?.full()
      return undefined
    }
    const { promise: over, resolve } = Promise.withResolvers<PollEnd>()
    let isOver = false
    const settle = (why: PollEnd): void => {
      clearTimeout(timer)
      if (this.#polls.get(key) === settle) this.#polls.delete(key)
      gone.removeEventListener('abort', end)
      if (!isOver) this.#meter?.ended(why)
      isOver = true
      resolve(why)
    }
    const end = () => settle('nothing')
    const timer = setTimeout(end, milliseconds)
    this.#polls.set(key, settle)
    gone.addEventListener('abort', end)
    if (gone.aborted) end()
    return { over, end }
  }
}
