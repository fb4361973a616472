import type { Listener } from '@joinery/kube'
import type { Leadership } from '../../core/leadership/leadership.ts'

/**
 * Ends each request to the API server before the leadership does. It is asked when the request is sent, so a call of several requests
 * stops between two of them. The API server gets the time that is left, too, because it may carry out a request that nobody waits
 * for any more.
 */
export const leasedRequests = (leadership: Pick<Leadership, 'require' | 'left'>): Listener => ({
  noting: (dispatch) => (options, handler) => {
    leadership.require()
    const left = Math.floor(leadership.left())
    let timer: NodeJS.Timeout | undefined
    const end = (): void => clearTimeout(timer)
    return dispatch(
      { ...options, path: withTimeout(options.path, left) },
      {
        onRequestStart: (controller, context) => {
          const over = (): void => controller.abort(new Error('no answer before the leadership of this server ends'))
          timer = setTimeout(over, left).unref()
          handler.onRequestStart?.(controller, context)
        },
        onRequestUpgrade: (...given) => {
          end()
          handler.onRequestUpgrade?.(...given)
        },
        onResponseStarted: () => handler.onResponseStarted?.(),
        onResponseStart: (...given) => handler.onResponseStart?.(...given),
        onResponseData: (...given) => handler.onResponseData?.(...given),
        onResponseEnd: (...given) => {
          end()
          handler.onResponseEnd?.(...given)
        },
        onResponseError: (...given) => {
          end()
          handler.onResponseError?.(...given)
        },
        onBodySent: (...given) => handler.onBodySent?.(...given),
        onRequestSent: () => handler.onRequestSent?.()
      }
    )
  }
})

/** The path with the time after which the API server gives the request up (`timeout`, as `kubectl --request-timeout` sends it). */
const withTimeout = (path: string, milliseconds: number): string =>
  `${path}${path.includes('?') ? '&' : '?'}timeout=${Math.max(1, milliseconds)}ms`
