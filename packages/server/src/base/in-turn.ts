/** Work on one thing is done one after the other, on different things at the same time. */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Does `work` when all that was asked for before of the same thing is done, however it ended. */
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
