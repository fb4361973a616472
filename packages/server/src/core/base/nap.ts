/** The sleep of one loop: it ends by time, by `wake`, or with the process's work. It keeps no process alive. */
export class Nap {
  #wake = (): void => {}
  #woken = false

  /** Ends the sleep now. If nobody sleeps, the next sleep is none. */
  wake(): void {
    this.#woken = true
    this.#wake()
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    // a longer one is no sleep at all for a timer
    const timer = setTimeout(resolve, Math.max(0, Math.min(milliseconds, longest)))
    timer.unref()
    const end = (): void => resolve()
    signal.addEventListener('abort', end)
    if (this.#woken || signal.aborted) resolve()
    await promise
    this.#woken = false
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

const longest = 60_000
