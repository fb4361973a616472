import type { Connection } from '@joinery/kube'
import { Watch } from '@kubernetes/client-node'

/** When a watch ends before the API server ends it. */
interface Ends {
  signal: AbortSignal
  /**
   * Milliseconds after which a watch that says nothing counts as dead: a connection whose other end is gone says nothing for ever.
   */
  silence: number
}

/**
 * Watches `path` until the watch ends, and tells each event. The API server ends a watch in good order after the seconds that `query`
 * asks for, or after 30-60 min. It rejects after any other end, also if the API server says that it has forgotten the position (410):
 * no event after that would follow on it.
 */
export const untilEnd = async <T>(
  { config }: Connection,
  path: string,
  query: Record<string, string | number | boolean | undefined>,
  tell: (phase: string, object: T) => void,
  { signal, silence }: Ends
): Promise<void> => {
  const ended = Promise.withResolvers<void>()
  const watching = new Watch(config)
  // client-node does not publish this option; the test of a silent watch shows whether it still has this name
  Object.assign(watching, { requestTimeoutMs: silence })
  const hear = (phase: string, object: T): void => {
    if (phase === 'ERROR') ended.reject(new Error('the API server ended the watch'))
    else tell(phase, object)
  }
  const controller = await watching.watch(path, query, hear, (error) => (error ? ended.reject(error) : ended.resolve()))
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
