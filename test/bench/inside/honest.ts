import { setTimeout as sleep } from 'node:timers/promises'
import type { SecureContext } from 'node:tls'
import { connect, type SocketClient } from '@joinery/cli/testing/session'
import { agentRoutes, type OwnEnrolment, type TokenCredential } from '@joinery/protocol'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { askFor, forget } from './cluster-door.ts'
import { AgentConnection, type Answer } from './connection.ts'
import { enrolRequest } from './enrol-request.ts'
import { newIdentities } from './identities.ts'
import { offer } from './offer.ts'
import type { Address } from './server.ts'

const machines = 50
/** From one machine to the next at the same place, in milliseconds: 12.5 machines a second in all. */
const beat = 4000
/** For the whole way of a machine, in milliseconds. */
const patience = 5000

/** How long machines waited for what they asked for, in milliseconds, and why some did not get it. */
export interface Served {
  latencies: number[]
  failures: string[]
}

let address: Address
let identities: SecureContext[] = []

/** Machines as they should be, at 127.0.0.1, with an operator who approves each at once. */
const calls = {
  /** Makes the keys of as many machines as will be needed. */
  prepare: async (at: Address, count: number): Promise<void> => {
    address = at
    identities = await newIdentities(count, at.authority)
  },

  /** A machine for each code: 50 side by side, and after each the next one. */
  join: async (codes: string[]): Promise<Served> => {
    const served: Served = { latencies: [], failures: [] }
    const place = async (own: string[], number: number): Promise<void> => {
      const operator = connect(address.socket, { timeout: patience })
      const start = performance.now() + (number * beat) / machines
      for (const [round, code] of own.entries()) {
        await sleep(Math.max(0, start + round * beat - performance.now()))
        await oneWay(code, operator, served).catch((error: Error) => served.failures.push(error.message))
      }
      await operator.close()
    }
    const places = Array.from({ length: machines }, (_, number) => codes.filter((_, at) => at % machines === number))
    await Promise.all(places.map(place))
    return served
  }
}
export type HonestCalls = typeof calls

/** From the first packet to the certificate: four times a machine waits for the server, and each counts. */
const oneWay = async (code: string, operator: SocketClient, { latencies }: Served): Promise<void> => {
  const identity = identities.pop()
  if (identity === undefined) throw new Error('more machines than keys were made')
  const late = AbortSignal.timeout(patience)
  const measured = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    const answer = await within(late, what, work())
    latencies.push(performance.now() - start)
    return answer
  }
  const connection = new AgentConnection(address.port, identity)
  try {
    const { id, revision } = await measured('enrol', () =>
      asked<OwnEnrolment>(connection.request('POST', agentRoutes.enrol.path, enrolRequest(code)))
    )
    const waits = approval(connection, revision)
    // where it fails before anybody looks
    waits.catch(() => {})
    const { key, ...shown } = await within(late, 'show', operator.show(id))
    await measured('approval', () => Promise.all([operator.approve(id, { revision: shown.revision, key }), waits]))
    const { token, nodeName } = await measured('claim', () =>
      asked<TokenCredential>(connection.request('POST', agentRoutes.claim.path))
    )
    const { request } = await kubeletRequest(nodeName)
    const csr = await measured('certificate', () => askFor(address.cluster, { token, request, wait: true }))
    // what it leaves is none of what comes after it
    await within(late, 'reject', operator.reject(id, { reason: 'measured' }))
    await within(late, 'forget', forget(address.cluster, csr))
  } finally {
    connection.close()
  }
}

const approval = async (connection: AgentConnection, known: number): Promise<void> => {
  for (let revision = known; ; ) {
    const answer = await connection.request('GET', `${agentRoutes.wait.path}?after=${revision}&wait=50`)
    if (answer.status === 204) continue
    const { state, ...news } = await asked<OwnEnrolment>(answer)
    if (state === 'approved') return
    revision = news.revision
  }
}

const asked = async <T>(answer: Answer | Promise<Answer>): Promise<T> => {
  const { status, body } = await answer
  if (status >= 300) throw new Error(`answered ${status}: ${body}`)
  return JSON.parse(body) as T
}

const within = async <T>(late: AbortSignal, what: string, work: Promise<T>): Promise<T> => {
  const over = Promise.withResolvers<never>()
  const end = () => over.reject(new Error(`no answer in time: ${what}`))
  if (late.aborted) end()
  late.addEventListener('abort', end)
  try {
    return await Promise.race([work, over.promise])
  } finally {
    late.removeEventListener('abort', end)
  }
}

offer(calls)
