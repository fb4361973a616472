/**
 * Word of a source:
 * - whole: all enrolments that are asked for
 * - changed: enrolments that are other or new, and ids of those that are gone. Both are empty after a cut in which nothing changed.
 */
export type Told<T> =
  | { type: 'whole'; items: readonly T[] }
  | { type: 'changed'; items: readonly T[]; gone: readonly string[] }

/**
 * Tells of the enrolments from a place of its own on: what is whole first, then each change, until `signal`. Throws when it is cut.
 * The next call goes on from its place.
 */
export type Source<T> = (signal: AbortSignal) => AsyncIterator<Told<T>>

/** Enrolments that changed since the word before, and ids of those that are gone. */
export interface Change<T> {
  changed: readonly T[]
  gone: readonly string[]
}

/** The enrolments that are asked for, kept as they are. Whoever follows asks for the next change, and never for the whole list. */
export class Following<T extends { id: string }> {
  readonly #source: Source<T>
  readonly #end = new AbortController()
  #items = new Map<string, T>()
  #telling: AsyncIterator<Told<T>> | undefined

  constructor(source: Source<T>) {
    this.#source = source
  }

  get isClosed(): boolean {
    return this.#end.signal.aborted
  }

  /** All of them, as they were told last, in the order of their creation. */
  get items(): T[] {
    return [...this.#items.values()]
  }

  /** The enrolment of that id, as it was told last. */
  get(id: string): T | undefined {
    return this.#items.get(id)
  }

  /** The next change; the first one is all of them. Throws if the source is cut, and then goes on from there. */
  async next(): Promise<Change<T>> {
    this.#telling ??= this.#source(this.#end.signal)
    try {
      const { value, done } = await this.#telling.next()
      if (done) throw new Error('nobody follows any more')
      return this.#take(value)
    } catch (error) {
      this.#telling = undefined
      throw error
    }
  }

  /** Takes up an enrolment that its own answer showed before the source did. */
  took(enrolment: T): Change<T> {
    return this.#take({ type: 'changed', items: [enrolment], gone: [] })
  }

  /** Ends. A call of `next` that waits is rejected. */
  close(): void {
    this.#end.abort()
  }

  #take(told: Told<T>): Change<T> {
    const before = this.#items
    const changed = told.items.filter((one) => isOther(one, before.get(one.id)))
    if (told.type === 'whole') {
      this.#items = new Map(told.items.map((one) => [one.id, one]))
      return { changed, gone: [...before.keys()].filter((id) => !this.#items.has(id)) }
    }
    for (const one of changed) before.set(one.id, one)
    return { changed, gone: told.gone.filter((id) => before.delete(id)) }
  }
}

/** True if the enrolment looks different. A source may tell one twice. */
const isOther = (one: unknown, before: unknown): boolean =>
  before === undefined || JSON.stringify(one) !== JSON.stringify(before)
