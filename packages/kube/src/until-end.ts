import { ApiException, Watch } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'

/** When a watch ends before the API server ends it. */
interface Ends {
  signal: AbortSignal
  /**
   * Milliseconds after which a watch that says nothing counts as dead: a connection whose other end is gone says nothing for ever.
   */
  silence: number
  /** Called when the API server has taken the watch. */
  opened?: () => void
}

/**
 * Watches `path` until the watch ends, and tells each event. The API server ends a watch in good order after the seconds that `query`
 * asks for, or after 30-60 min. It rejects after any other end, with the answer of the API server if there was one. That it has
 * forgotten the position is an answer, too (410): no event after that would follow on it.
 */
export const untilEnd = async <T>(
  { config }: Connection,
  path: string,
  query: Record<string, string | number | boolean | undefined>,
  tell: (phase: string, object: T) => void,
  { signal, silence, opened }: Ends
): Promise<void> => {
  const ended = Promise.withResolvers<void>()
  const watching = new Watch(config)
  // client-node does not publish this option; the test of a silent watch shows whether it still has this name
  Object.assign(watching, { requestTimeoutMs: silence })
  const hear = (phase: string, object: T): void => {
    if (phase === 'ERROR') ended.reject(answerOfWatch(object as { code?: number; message?: string }))
    else tell(phase, object)
  }
  let isOver = false
  const end = (error: unknown): void => {
    isOver = true
    if (error) ended.reject(asAnswer(error))
    else ended.resolve()
  }
  const controller = await watching.watch(path, query, hear, end)
  if (!isOver) opened?.()
  const stop = (): void => controller.abort()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    await ended.promise
  } finally {
    stop()
    signal.removeEventListener('abort', stop)
  }
}

/** The answer by which the API server ended a watch, as any other call of client-node throws it. */
const answerOfWatch = ({ code = 500, message = '' }: { code?: number; message?: string }): ApiException<string> =>
  new ApiException(code, message, JSON.stringify({ message }), {})

/** The error of a watch. client-node opens a watch by itself, and says of an answer only its status. */
const asAnswer = (error: unknown): unknown =>
  error instanceof Error && 'statusCode' in error
    ? answerOfWatch({ code: Number(error.statusCode), message: error.message })
    : error
