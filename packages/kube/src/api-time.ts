import type { Dispatcher } from 'undici'

/** The header has whole seconds: on average its time is half of one later. */
const halfSecond = 500

/** The clock of the API server, as its last answer said it, carried on by the monotonic clock. */
export class ApiTime {
  readonly #monotonic: () => number
  /** In milliseconds, what is to be added to the monotonic clock. */
  #offset: number | undefined

  /** `monotonic`: in milliseconds. */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic
  }

  /** `header`: the `Date` of an answer that came just now. One that is none is not heard. */
  note(header: unknown): void {
    const seconds = typeof header === 'string' ? Date.parse(header) : Number.NaN
    if (!Number.isNaN(seconds)) this.#offset = seconds + halfSecond - this.#monotonic()
  }

  /** Undefined before the first answer. */
  now(): Date | undefined {
    return this.#offset === undefined ? undefined : new Date(this.#offset + this.#monotonic())
  }

  /** Has each answer noted when its headers are there. */
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
