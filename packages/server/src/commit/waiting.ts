import { budgets } from '../base/budgets.ts'

/**
 * Reason for the end of a poll:
 * - changed: the enrolment of its key changed
 * - ended: a newer poll of its key came
 * - nothing: its time is over, its caller is gone, or `end` was called
 */
export type PollEnd = 'changed' | 'ended' | 'nothing'

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

  constructor(limit: number = budgets.polls.all) {
    this.#limit = limit
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
