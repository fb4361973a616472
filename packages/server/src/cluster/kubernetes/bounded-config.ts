import { KubeConfig, type RequestContext } from '@kubernetes/client-node'

/** How long a call may take, from connecting to the last byte; in milliseconds. */
export const callTimeout = 10_000

/** A kubeconfig whose clients share one connection pool and bound every call. */
export class BoundedConfig extends KubeConfig {
  #pool: ReturnType<RequestContext['getDispatcher']>

  override async applySecurityAuthentication(request: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(request)
    // client-node 2.0.1 makes a new pool, and thus a new TLS connection, for each request
    this.#pool ??= request.getDispatcher()
    if (this.#pool !== undefined) request.setDispatcher(this.#pool)
    request.setSignal(AbortSignal.timeout(callTimeout))
  }
}
