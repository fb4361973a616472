import { EventEmitter } from 'node:events'

/** Wakes the agents that wait for a newer revision of their enrolment. Only makes things sooner. */
export class Waiting {
  readonly #emitter = new EventEmitter({ captureRejections: false }).setMaxListeners(0)

  notify(enrolment: string): void {
    this.#emitter.emit(enrolment)
  }

  /** Resolves at the next change, after `milliseconds`, or when `signal` aborts. */
  change(enrolment: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, milliseconds)
    this.#emitter.once(enrolment, resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    return promise.finally(() => {
      clearTimeout(timer)
      this.#emitter.off(enrolment, resolve)
    })
  }
}
