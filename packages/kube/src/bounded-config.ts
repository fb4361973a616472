import type { ConnectionOptions } from 'node:tls'
import {
  type ApiConstructor,
  type ApiType,
  type Configuration,
  type HttpLibrary,
  KubeConfig,
  type RequestContext,
  ResponseContext,
  wrapHttpLibrary
} from '@kubernetes/client-node'
import { type Dispatcher, request } from 'undici'
import type { Listener } from './api-answers.ts'

/** Milliseconds that a call waits for its answer. The API server may still carry out the call later. */
export const callTimeout = 10_000

/** The way of requests to the API server. */
export interface Sending {
  /** Hears of each request. */
  listener?: Listener
  /** Milliseconds that a call waits for its answer. `callTimeout` if absent. */
  timeout?: number
  /** Makes what carries the requests of one credential. If absent, a pool of connections is made. */
  carrier?: (tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>) => Dispatcher
  /** Waits between the end of a watch and the next one. If absent, these are milliseconds of real time. */
  pause?: Pause
}

/** Waits so many milliseconds, or until the signal aborts. It never rejects, and keeps no process alive. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>

/** A kubeconfig whose clients share one connection pool and bound every call, from connecting to the last byte. */
export class BoundedConfig extends KubeConfig {
  readonly #sending: Sending
  #pool: ReturnType<RequestContext['getDispatcher']>

  /** Makes an empty kubeconfig. */
  constructor(sending: Sending = {}) {
    super()
    this.#sending = sending
  }

  /** A kubeconfig of the same cluster, without a credential. */
  anonymous(): BoundedConfig {
    const cluster = this.getCurrentCluster()
    if (cluster === null) throw new Error('it has no current context with a cluster')
    const { carrier } = this.#sending
    const config = new BoundedConfig(carrier && { carrier })
    config.loadFromClusterAndUser(cluster, { name: 'anonymous' })
    return config
  }

  override makeApiClient<T extends ApiType>(type: ApiConstructor<T>): T {
    // the one thing that client-node lets nobody choose
    function withLibrary(configuration: Configuration): T {
      return new type({ ...configuration, httpApi: requestLibrary })
    }
    return super.makeApiClient(withLibrary as unknown as ApiConstructor<T>)
  }

  override async applySecurityAuthentication(request: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(request)
    const { timeout = callTimeout } = this.#sending
    this.#pool ??= this.#heard(request.getDispatcher())
    if (this.#pool !== undefined) request.setDispatcher(this.#pool)
    request.setSignal(AbortSignal.timeout(timeout))
  }

  /** client-node 2.0.1 makes a new pool, and thus a new TLS connection, for each request. Here only the first one has it make one. */
  override createDispatcherOptions(
    ...given: Parameters<KubeConfig['createDispatcherOptions']>
  ): ReturnType<KubeConfig['createDispatcherOptions']> {
    const [, { ca, cert, key }] = given
    this.#pool ??= this.#heard(this.#sending.carrier?.({ ca, cert, key }))
    return this.#pool === undefined ? super.createDispatcherOptions(...given) : { type: 'none' }
  }

  #heard(dispatcher: Dispatcher | undefined): Dispatcher | undefined {
    const { listener } = this.#sending
    return listener === undefined ? dispatcher : dispatcher?.compose(listener.noting)
  }
}

/**
 * Sends the requests of the typed clients. client-node's own library is `fetch`, which takes half as much processor time again. An error
 * is the one that `fetch` throws. A redirection is an answer and is not followed, so no credential goes where somebody points.
 */
const requestLibrary: HttpLibrary = wrapHttpLibrary({
  send: async (context) => {
    const answer = orAborted(context.getSignal(), request(context.getUrl(), optionsOf(context)))
    const { statusCode, headers, body } = await asFetch('fetch failed', answer)
    // to the end, though client-node does not look at each: a body that nobody reads holds its connection
    const bytes = Buffer.from(await asFetch('terminated', body.bytes()))
    return new ResponseContext(statusCode, oneEach(headers), {
      text: async () => bytes.toString(),
      binary: async () => bytes,
      stream: () => null
    })
  }
})

const optionsOf = (context: RequestContext): NonNullable<Parameters<typeof request>[1]> => {
  const body = context.getBody()
  // forms are for files, and the API server takes none
  if (body !== undefined && typeof body !== 'string') throw new Error('the body of a request must be text')
  const dispatcher = context.getDispatcher()
  return {
    method: context.getHttpMethod(),
    headers: context.getHeaders(),
    body: body ?? null,
    signal: context.getSignal() ?? null,
    ...(dispatcher && { dispatcher })
  }
}

/** The answer, or the reason of the signal. undici 8.12.4 heeds the signal of a request only once there is a connection for it. */
const orAborted = async <T>(signal: AbortSignal | undefined, answer: Promise<T>): Promise<T> => {
  if (signal === undefined) return answer
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([answer, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** The answer, or the error that `fetch` would throw: what ended the request by its signal, or a TypeError with the reason as its cause. */
const asFetch = async <T>(message: string, answer: Promise<T>): Promise<T> => {
  try {
    return await answer
  } catch (cause) {
    if (cause instanceof Error && ['AbortError', 'TimeoutError'].includes(cause.name)) throw cause
    throw new TypeError(message, { cause })
  }
}

/** Headers as client-node wants them: each has one text. */
const oneEach = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))
