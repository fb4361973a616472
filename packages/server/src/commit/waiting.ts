import { budgets } from '../base/budgets.ts'

/**
 * Why a poll is over:
 * - changed: the enrolment of its key has
 * - ended: a newer poll of its key came
 * - nothing: its time is over, its caller is gone, or `end` was called
 */
export type PollEnd = 'changed' | 'ended' | 'nothing'

export interface Poll {
  readonly over: Promise<PollEnd>
  end(): void
}

/**
 * Wakes the agents that wait for a newer revision of their enrolment. Only makes things sooner. One poll for each key: a
 * machine waits once, and what it opens beside that must not cost the server more.
 */
export class Waiting {
  readonly #polls = new Map<string, (end: PollEnd) => void>()
  readonly #limit: number

  constructor(limit: number = budgets.polls.all) {
    this.#limit = limit
  }

  /** The enrolment of this key has changed. */
  notify(key: string): void {
    this.#polls.get(key)?.('changed')
  }

  /** Polls from now on, for at most `milliseconds`, until `gone` aborts; undefined where as many do as may. */
  poll(key: string, milliseconds: number, gone: AbortSignal): Poll | undefined {
    this.#polls.get(key)?.('ended')
    if (this.#polls.size >= this.#limit) return undefined
    const { promise: over, resolve } = Promise.withResolvers<PollEnd>()
    const settle = (why: PollEnd): void => {
      clearTimeout(timer)
      if (this.#polls.get(key) === settle) this.#polls.delete(key)
      gone.removeEventListener('abort', end)
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
