import { Agent, type Dispatcher, request } from 'undici'
import { Refusal } from './cluster-world.ts'

export interface ApiAccess {
  /** URL of the API server. */
  server: string
  /** PEM. */
  certificateAuthority: string
  /** The address of this host that the calls come from; absent: the one that the system takes. */
  from?: string
  /** Makes what carries the calls of one credential; absent: connections to the server. */
  carrier?: (tls: { ca: string; cert?: string; key?: string }) => Dispatcher
}

/** Proves who calls: PEM of a client certificate and its key, or a bearer token; or nobody. */
export type ApiIdentity = { certificate: string; key: string } | { token: string } | undefined

/** One call in full. A body without a type is JSON. */
export interface ApiRequest {
  method: string
  path: string
  body?: object
  type?: string
  headers?: Record<string, string>
}

export interface ApiClient {
  /** Gives the answer's body; refused, it rejects with `Refusal`. */
  send<T>(request: ApiRequest): Promise<T>
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object): Promise<T>
  put(path: string, body: object): Promise<void>
  /** A strategic merge patch. */
  patch(path: string, body: object): Promise<void>
  /** Deletes the object at once. One that is gone already is success. */
  delete(path: string): Promise<void>
  close(): Promise<void>
}

/** A plain client of the Kubernetes API, on purpose not the server's own: the contract is seen from outside. */
export const apiClient = (access: ApiAccess, identity: ApiIdentity): ApiClient => {
  const { server, certificateAuthority: ca, from, carrier } = access
  const tls = { ca, ...(identity && 'key' in identity && { cert: identity.certificate, key: identity.key }) }
  const dispatcher = carrier?.(tls) ?? new Agent({ connect: tls, ...(from !== undefined && { localAddress: from }) })
  const authorization = identity && 'token' in identity ? { authorization: `Bearer ${identity.token}` } : {}

  const send = async <T>({ method, path, body, type = 'application/json', headers }: ApiRequest): Promise<T> => {
    const answer = await request(new URL(path, server), {
      method,
      dispatcher,
      headers: { ...authorization, 'content-type': type, ...headers },
      body: body === undefined ? null : JSON.stringify(body)
    })
    const result = await answer.body.json()
    if (answer.statusCode >= 400) throw new Refusal(answer.statusCode, (result as { message: string }).message)
    return result as T
  }

  return {
    send,
    get: (path) => send({ method: 'GET', path }),
    post: (path, body) => send({ method: 'POST', path, body }),
    put: (path, body) => send({ method: 'PUT', path, body }),
    patch: (path, body) => send({ method: 'PATCH', path, body, type: 'application/strategic-merge-patch+json' }),
    delete: async (path) => {
      try {
        await send({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } })
      } catch (error) {
        if (!(error instanceof Refusal && error.status === 404)) throw error
      }
    },
    close: () => dispatcher.close()
  }
}

/** Undefined where there is no such object. */
export const unlessAbsent = async <T>(look: Promise<T>): Promise<T | undefined> => {
  try {
    return await look
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return undefined
    throw error
  }
}
