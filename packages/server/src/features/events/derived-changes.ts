import { type Enrolment, hasEnded, isOnItsWay, statesThat } from '@joinery/protocol'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Monotonic } from '../../core/base/clock.ts'
import type { Logger } from '../../core/base/log.ts'
import { Nap } from '../../core/base/nap.ts'
import { shortTurns } from '../../core/base/short-turns.ts'
import type { Committed } from '../../core/commit/commits.ts'
import { hashOf } from '../../core/ports/objects/hash-of.ts'
import type { Store } from '../../core/ports/store/store.ts'

interface Parts {
  store: Pick<Store, 'enrolmentsByName' | 'walkEnrolments'>
  read: (id: string) => Promise<Enrolment | undefined>
  /** Reason why the cluster is out of reach. */
  trouble: () => string | undefined
  isFollowed: () => boolean
  note: (id: string) => void
  monotonic: Monotonic
  log: Logger
  budget: Budgets['events']
}

/** Most others of one name that are told together with one of them. */
const namesakesAtMost = 16

/**
 * Notes the enrolments that look different although no commit was about them: one of the same name has changed, the cluster went out
 * of reach, or the line of those who join has moved on. While nobody follows, it looks at nothing.
 */
export class DerivedChanges {
  readonly #parts: Parts
  readonly #nap = new Nap()
  /** Names of enrolments that changed. */
  readonly #names = new Set<string>()
  /** Hashes of the enrolments on their way, as they looked last. */
  #looks = new Map<string, string>()
  #looked = Number.NEGATIVE_INFINITY
  #trouble: string | undefined
  #looking: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Takes up the names of what changed. */
  take({ change: { enrolments = [] } }: Committed): void {
    if (!this.#parts.isFollowed()) return
    for (const { name } of enrolments) this.#names.add(name)
    this.#nap.wake()
  }

  /** Looks at every enrolment on its way, at what it looks like from then on. A look that is under way is awaited first. */
  async look(): Promise<void> {
    await this.#looking
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  /** Looks again and again until `signal`, while somebody follows. */
  async start(signal: AbortSignal): Promise<void> {
    const { monotonic, isFollowed, trouble, log, budget } = this.#parts
    while (!signal.aborted) {
      await this.#nap.sleep(budget.look, signal)
      if (signal.aborted || !isFollowed()) continue
      try {
        await this.#noteNamesakes()
        const isDue = monotonic() - this.#looked >= budget.sweep || trouble() !== this.#trouble
        if (isDue) await this.look()
      } catch (error) {
        log.warn({ err: error }, 'those who follow the enrolments may miss a change')
      }
    }
  }

  async #noteNamesakes(): Promise<void> {
    const { store, note } = this.#parts
    const names = [...this.#names]
    this.#names.clear()
    for (const name of names) {
      const named = await store.enrolmentsByName(name)
      const live = named.filter((one) => !hasEnded(one))
      // whoever changed is told by its commit
      if (named.length > 1) for (const { id } of live.slice(0, namesakesAtMost)) note(id)
    }
  }

  async #lookAtAll(): Promise<void> {
    const { store, read, trouble, note, monotonic } = this.#parts
    const turn = shortTurns()
    const before = this.#looks
    const looks = new Map<string, string>()
    this.#looked = monotonic()
    this.#trouble = trouble()
    for (const state of statesThat(isOnItsWay)) {
      for await (const { item } of store.walkEnrolments(0, { state })) {
        await turn()
        const listed = await read(item.id)
        if (listed === undefined) continue
        const look = hashOf(listed)
        looks.set(item.id, look)
        const last = before.get(item.id)
        if (last !== undefined && last !== look) note(item.id)
      }
    }
    this.#looks = looks
  }
}
