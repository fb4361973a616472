/** Does work on one thing one after the other, and work on different things at the same time. */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Does `work` after all earlier work on the same thing is done, however that ended. */
  async do<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(thing) ?? Promise.resolve()
    const turn = before.then(work, work)
    const settled = turn.catch(() => undefined)
    this.#last.set(thing, settled)
    await settled
    if (this.#last.get(thing) === settled) this.#last.delete(thing)
    return turn
  }
}
