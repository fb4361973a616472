import type { Dispatcher } from 'undici'

/**
 * Milliseconds to add to the header's time. The header has whole seconds, so on average the real time is half a second
 * later.
 */
const halfSecond = 500

/** The clock of the API server: the time of its last answer, carried on by the monotonic clock. */
export class ApiTime {
  readonly #monotonic: () => number
  /** Milliseconds to add to the monotonic clock. */
  #offset: number | undefined

  /** Makes the clock. `monotonic` tells milliseconds. */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic
  }

  /** Notes the time of an answer that came just now: `header` is its `Date`. A header that is no date is ignored. */
  note(header: unknown): void {
    const seconds = typeof header === 'string' ? Date.parse(header) : Number.NaN
    if (!Number.isNaN(seconds)) this.#offset = seconds + halfSecond - this.#monotonic()
  }

  /** The time of the API server now. Undefined before the first answer. */
  now(): Date | undefined {
    return this.#offset === undefined ? undefined : new Date(this.#offset + this.#monotonic())
  }

  /** Interceptor that notes each answer when its headers are there. */
  readonly noting: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (...given) => handler.onRequestStart?.(...given),
      onRequestUpgrade: (...given) => handler.onRequestUpgrade?.(...given),
      onResponseStarted: () => handler.onResponseStarted?.(),
      onResponseStart: (...given) => {
        this.note(given[2].date)
        handler.onResponseStart?.(...given)
      },
      onResponseData: (...given) => handler.onResponseData?.(...given),
      onResponseEnd: (...given) => handler.onResponseEnd?.(...given),
      onResponseError: (...given) => handler.onResponseError?.(...given),
      onBodySent: (...given) => handler.onBodySent?.(...given),
      onRequestSent: () => handler.onRequestSent?.()
    })
}
