import { EventEmitter } from 'node:events'

export interface Wait {
  /** True at the next change; false when the time is over, the caller is gone, or `end` was called. */
  readonly changed: Promise<boolean>
  end(): void
}

/** Wakes the agents that wait for a newer revision of their enrolment. Only makes things sooner. */
export class Waiting {
  readonly #emitter = new EventEmitter({ captureRejections: false }).setMaxListeners(0)

  /** The enrolment of this key has changed. */
  notify(key: string): void {
    this.#emitter.emit(key)
  }

  /** Listens from now on, for at most `milliseconds`, until `gone` aborts. */
  listen(key: string, milliseconds: number, gone: AbortSignal): Wait {
    const { promise: changed, resolve } = Promise.withResolvers<boolean>()
    const settle = (value: boolean): void => {
      clearTimeout(timer)
      this.#emitter.off(key, onChange)
      gone.removeEventListener('abort', end)
      resolve(value)
    }
    const onChange = () => settle(true)
    const end = () => settle(false)
    const timer = setTimeout(end, milliseconds)
    this.#emitter.on(key, onChange)
    gone.addEventListener('abort', end)
    if (gone.aborted) end()
    return { changed, end }
  }
}
