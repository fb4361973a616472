import type { SecureContext } from 'node:tls'
import { agentRoutes } from '@joinery/protocol'
import { AgentConnection } from './connection.ts'
import { enrolOn, inLanes } from './enrol-on.ts'
import { enrolRequest } from './enrol-request.ts'
import { newIdentities } from './identities.ts'
import { offer } from './offer.ts'

/** What became of enrolments; times in milliseconds, each from the first packet of its connection to its answer. */
export interface Enrolled {
  latencies: number[]
  errors: string[]
  /** From the first connection to the last answer. */
  elapsed: number
}

let identities: SecureContext[] = []
const waiters: Waiter[] = []

/** Agents by the thousand, as cheap as can be. */
const calls = {
  /** Makes the keys of `count` agents that trust this CA. */
  prepare: async (count: number, authority: string): Promise<void> => {
    identities = await newIdentities(count, authority)
  },

  /** Each code is used by a new agent on a new connection, `concurrency` at a time; each connection is closed. */
  enrol: async (port: number, codes: string[], concurrency: number): Promise<Enrolled> => {
    const latencies: number[] = []
    const errors: string[] = []
    const before = performance.now()
    await inLanes(codes, concurrency, async (code) => {
      const start = performance.now()
      const connection = new AgentConnection(port, newIdentity())
      await enrolOn(connection, enrolRequest(code)).then(
        () => latencies.push(performance.now() - start),
        (error: Error) => errors.push(error.message)
      )
      connection.close()
    })
    return { latencies, errors, elapsed: performance.now() - before }
  },

  /** Enrols an agent for each code, and has all of them wait for news from then on. */
  wait: (port: number, codes: string[]): Promise<void> =>
    inLanes(codes, 16, async (code) => {
      const connection = new AgentConnection(port, newIdentity())
      const { id, revision } = await enrolOn(connection, enrolRequest(code))
      const waiter: Waiter = { id, revision }
      waiters.push(waiter)
      void keepWaiting(waiter, connection).catch((error) => {
        waiter.broken = String(error)
      })
    }),

  /** What the agents that wait know. */
  waiters: (): Waiter[] => waiters
}
export type LoadCalls = typeof calls

/** An agent that waits for news of its enrolment. */
export interface Waiter {
  id: string
  /** That it knows. */
  revision: number
  /** When it learnt of it, by the clock of `process.hrtime.bigint`. */
  at?: bigint
  /** Why it waits no more. */
  broken?: string
}

const newIdentity = (): SecureContext => {
  const identity = identities.pop()
  if (identity === undefined) throw new Error('more agents than keys were made')
  return identity
}

const keepWaiting = async (waiter: Waiter, connection: AgentConnection): Promise<void> => {
  for (;;) {
    const { status, body } = await connection.request(
      'GET',
      `${agentRoutes.wait.path}?after=${waiter.revision}&wait=50`
    )
    if (status === 204) continue
    waiter.at = process.hrtime.bigint()
    if (status !== 200) throw new Error(`answered ${status}: ${body}`)
    waiter.revision = JSON.parse(body).revision
  }
}

offer(calls)
