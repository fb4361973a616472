import { Refusal } from '@joinery/server/cluster/rehearsal/cluster-world.ts'
import { Agent, request } from 'undici'

export interface ApiAccess {
  /** URL of the API server. */
  server: string
  /** PEM. */
  certificateAuthority: string
}

/** Proves who calls: PEM of a client certificate and its key, or a bearer token; or nobody. */
export type ApiIdentity = { certificate: string; key: string } | { token: string } | undefined

export interface ApiClient {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object): Promise<T>
  put(path: string, body: object): Promise<void>
  /** A strategic merge patch. */
  patch(path: string, body: object): Promise<void>
  /** At once. What is gone already is success. */
  delete(path: string): Promise<void>
  close(): Promise<void>
}

/** A plain client of the Kubernetes API, on purpose not the server's own: the contract is seen from outside. */
export const apiClient = ({ server, certificateAuthority: ca }: ApiAccess, identity: ApiIdentity): ApiClient => {
  const holder = identity && 'key' in identity && { cert: identity.certificate, key: identity.key }
  const dispatcher = new Agent({ connect: { ca, ...holder } })
  const authorization = identity && 'token' in identity ? { authorization: `Bearer ${identity.token}` } : {}

  const call = async <T>(method: string, path: string, body?: object, type = 'application/json'): Promise<T> => {
    const answer = await request(new URL(path, server), {
      method,
      dispatcher,
      headers: { ...authorization, 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body)
    })
    const result = await answer.body.json()
    if (answer.statusCode >= 400) throw new Refusal(answer.statusCode, JSON.stringify(result))
    return result as T
  }

  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    patch: (path, body) => call('PATCH', path, body, 'application/strategic-merge-patch+json'),
    delete: async (path) => {
      try {
        await call('DELETE', path, { gracePeriodSeconds: 0 })
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
