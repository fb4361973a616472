import { budgets } from '../../base/budgets.ts'
import type { Clock, Monotonic } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { Buckets } from '../../base/rates/buckets.ts'
import { type Refusal, refusedUse } from '../../enrolment/code/refused-use.ts'
import type { CodeDocument, Store } from '../../ports/store/store.ts'
import type { Caller } from './sighting.ts'

/**
 * Refusals that only count up what the timeline of a code says. Each one that is written is a commit, and keys cost a stranger nothing.
 * So some wait for the next one that is written; a crash forgets those.
 */
export class RepeatedRefusals {
  readonly #writes: Buckets
  /** Number of refusals that were not written, by code and reason. */
  readonly #waiting = new Map<string, number>()

  constructor(monotonic: Monotonic, rate = budgets.refusals) {
    this.#writes = new Buckets(rate, monotonic, budgets.rememberedKeys)
  }

  /** Number of refusals that the entry counts: this one, and those that waited. 0 if this one waits as well. */
  take(code: string, reason: string): number {
    const which = `${code} ${reason}`
    const many = (this.#waiting.get(which) ?? 0) + 1
    if (this.#writes.take(code) > 0) {
      this.#waiting.set(which, many)
      return 0
    }
    this.#waiting.delete(which)
    return many
  }
}

export interface NoteParts {
  store: Store
  clock: Clock
  log: Logger
  repeated: RepeatedRefusals
}

/** Writes into the timeline of the code that a machine came with it and was not let in. */
export const noteRefusal = async (
  { store, clock, log, repeated }: NoteParts,
  { id }: CodeDocument,
  refusal: Refusal,
  caller: Caller
): Promise<void> => {
  const said = refusedUse(await store.timeline(id), refusal, caller, clock.now())
  if (said === undefined) return
  const { count } = said
  const many = count === undefined ? 1 : repeated.take(id, refusal.reason)
  if (many === 0) return
  const entry = count === undefined ? said : { ...said, count: count + many - 1 }
  await store.commit({ entries: [{ subject: id, entry }] })
  if (entry.alert) log.warn({ code: id, event: entry.event }, entry.detail)
}
