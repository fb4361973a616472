import type { Dispatcher } from 'undici'

/** An answer of the API server that took longer than this is slow, in milliseconds: the target for its 99th percentile. */
export const slowAnswer = 1_000

/** Counts of the answers of the API server. */
export interface AnswerCounts {
  /** All answers, and calls that got none. */
  all: number
  /** Answers that took longer than `slowAnswer`, and calls that got none in that time. */
  slow: number
  /** Answers with status 429: the API server asks for fewer requests. */
  refused: number
}

/** Something that hears of each request of a connection. */
export interface Listener {
  /** Interceptor for the requests. */
  readonly noting: Dispatcher.DispatcherComposeInterceptor
}

/** One listener for two: `first` is nearer to the caller. */
export const both = (first: Listener, second: Listener): Listener => ({
  noting: (dispatch) => first.noting(second.noting(dispatch))
})

/** Counts how the API server answers. The time of an answer ends with its headers, so a long list or a watch is not slow. */
export class ApiAnswers implements Listener {
  readonly #monotonic: () => number
  readonly #counts: AnswerCounts = { all: 0, slow: 0, refused: 0 }

  /** Makes the counts. `monotonic` tells milliseconds. */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic
  }

  /** The counts now. They only grow. */
  get counts(): Readonly<AnswerCounts> {
    return { ...this.#counts }
  }

  /** Counts one answer. `status` is undefined if none came. */
  note(status: number | undefined, milliseconds: number): void {
    // a connection that is refused says nothing about load
    const isSlow = milliseconds > slowAnswer
    if (status === undefined && !isSlow) return
    this.#counts.all += 1
    if (isSlow) this.#counts.slow += 1
    if (status === 429) this.#counts.refused += 1
  }

  /** Interceptor that counts each answer when its headers are there, or when the call has failed before. */
  readonly noting: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    const begun = this.#monotonic()
    let isNoted = false
    const note = (status?: number): void => {
      if (!isNoted) this.note(status, this.#monotonic() - begun)
      isNoted = true
    }
    return dispatch(options, {
      onRequestStart: (...given) => handler.onRequestStart?.(...given),
      onRequestUpgrade: (...given) => handler.onRequestUpgrade?.(...given),
      onResponseStarted: () => handler.onResponseStarted?.(),
      onResponseStart: (...given) => {
        note(given[1])
        handler.onResponseStart?.(...given)
      },
      onResponseData: (...given) => handler.onResponseData?.(...given),
      onResponseEnd: (...given) => handler.onResponseEnd?.(...given),
      onResponseError: (...given) => {
        note()
        handler.onResponseError?.(...given)
      },
      onBodySent: (...given) => handler.onBodySent?.(...given),
      onRequestSent: () => handler.onRequestSent?.()
    })
  }
}
