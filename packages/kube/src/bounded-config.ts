import {
  type ApiConstructor,
  type ApiType,
  type Configuration,
  KubeConfig,
  type RequestContext
} from '@kubernetes/client-node'
import type { Listener } from './api-answers.ts'
import { requestLibrary } from './request-library.ts'

/** Milliseconds that a call waits for its answer. The API server may still carry out the call later. */
export const callTimeout = 10_000

/** A kubeconfig whose clients share one connection pool and bound every call, from connecting to the last byte. */
export class BoundedConfig extends KubeConfig {
  readonly #listener: Listener | undefined
  readonly #timeout: number
  #pool: ReturnType<RequestContext['getDispatcher']>

  /** Makes an empty kubeconfig. `listener` hears of each request, for whose answer a call waits `timeout` milliseconds. */
  constructor(listener?: Listener, timeout = callTimeout) {
    super()
    this.#listener = listener
    this.#timeout = timeout
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
    const dispatcher = request.getDispatcher()
    this.#pool ??= this.#listener === undefined ? dispatcher : dispatcher?.compose(this.#listener.noting)
    if (this.#pool !== undefined) request.setDispatcher(this.#pool)
    request.setSignal(AbortSignal.timeout(this.#timeout))
  }

  /** client-node 2.0.1 makes a new pool, and thus a new TLS connection, for each request. Here only the first one has it make one. */
  override createDispatcherOptions(
    ...given: Parameters<KubeConfig['createDispatcherOptions']>
  ): ReturnType<KubeConfig['createDispatcherOptions']> {
    return this.#pool === undefined ? super.createDispatcherOptions(...given) : { type: 'none' }
  }
}
