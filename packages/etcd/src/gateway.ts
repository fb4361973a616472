import { connectionProblem } from '@joinery/host/connection-problem'
import { Agent, request } from 'undici'
import type { Etcd, EtcdMember } from './etcd.ts'

/** Limit of each call, in milliseconds. etcd itself gives up on its quorum after some seconds. */
const timeout = 15_000

/** PEM texts of a client of etcd: a certificate that etcd accepts, its key, and the CA of the members. */
export interface EtcdClient {
  ca: string
  cert: string
  key: string
}

/** A member of etcd answered, and refused the call. */
class Refusal extends Error {
  /** Status code of gRPC. */
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const notFound = 5

/**
 * The JSON gateway of etcd, which each member has on its port for clients
 * (https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/). `urls` are those of members.
 */
export const etcdGateway = (urls: readonly string[], client: EtcdClient): Etcd => {
  const dispatcher = new Agent({ connect: { ...client, timeout }, headersTimeout: timeout, bodyTimeout: timeout })

  const call = async (url: string, method: string, message: object): Promise<unknown> => {
    const { statusCode, body } = await request(`${url}/v3/${method}`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message)
    })
    const answer = await body.text()
    if (statusCode === 200) return JSON.parse(answer)
    throw refusal(statusCode, answer)
  }

  /** Calls the first member that does what it is asked. Throws the answers of all members if none does. */
  const anywhere = async (method: string, message: object): Promise<unknown> => {
    const problems: string[] = []
    for (const url of urls) {
      try {
        return await call(url, method, message)
      } catch (error) {
        if (error instanceof Refusal && error.code === notFound) throw error
        problems.push(
          `${new URL(url).host} ${error instanceof Refusal ? `says: ${error.message}` : connectionProblem(error)}`
        )
      }
    }
    throw new Error(`no member of etcd answered as asked: ${problems.join('; ') || 'none is known'}`)
  }

  return {
    members: async () => membersIn(await anywhere('cluster/member/list', { linearizable: true })),
    isHealthy: async ({ clientURLs }) => {
      for (const url of clientURLs) {
        const status = (await call(url, 'maintenance/status', {}).catch(() => undefined)) as Status | undefined
        if (status?.leader !== undefined && status.leader !== '0') return true
      }
      return false
    },
    remove: async (id) => {
      try {
        await anywhere('cluster/member/remove', { ID: id })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
      }
    },
    close: () => dispatcher.destroy()
  }
}

interface Status {
  leader?: string
}

/** Fills in the fields that the answer left out: protobuf's JSON has no empty fields. */
const membersIn = (answer: unknown): EtcdMember[] => {
  const { members = [] } = answer as { members?: (Partial<Omit<EtcdMember, 'id'>> & { ID: string })[] }
  return members.map(({ ID: id, name = '', peerURLs = [], clientURLs = [], isLearner = false }) => ({
    id,
    name,
    peerURLs,
    clientURLs,
    isLearner
  }))
}

const refusal = (status: number, text: string): Refusal => {
  try {
    const { code, message, error } = JSON.parse(text) as { code?: number; message?: string; error?: string }
    return new Refusal(code ?? 0, message ?? error ?? `HTTP status ${status}`)
  } catch {
    return new Refusal(0, `HTTP status ${status}`)
  }
}
