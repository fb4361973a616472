import { Agent, type Dispatcher } from 'undici'
import type { ClientConfig } from './kubeconfig.ts'

const timeout = 5_000

/** Trust in an API server, and the identity that asks it. Without a certificate, anybody asks. */
type Trust = Partial<Pick<ClientConfig, 'ca' | 'cert' | 'key'>> & { rejectUnauthorized?: false }

/** Opens a connection to an API server for `use`, and closes it after that. An answer that takes longer than five seconds is none. */
export const withConnection = async <T>(trust: Trust, use: (dispatcher: Dispatcher) => Promise<T>): Promise<T> => {
  const { ca, cert, key, rejectUnauthorized } = trust
  const connect = {
    timeout,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert, key }),
    ...(rejectUnauthorized === false && { rejectUnauthorized })
  }
  const dispatcher = new Agent({ connect, headersTimeout: timeout, bodyTimeout: timeout })
  try {
    return await use(dispatcher)
  } finally {
    await dispatcher.destroy()
  }
}

/** URL of a Node at an API server. */
export const nodeUrl = (server: string, name: string): string => `${server}/api/v1/nodes/${encodeURIComponent(name)}`

/** The time that an API server says in the header of its answer, in milliseconds since 1970. Undefined if it says none. */
export const dateIn = ({ date }: Dispatcher.ResponseData['headers']): number | undefined => {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
