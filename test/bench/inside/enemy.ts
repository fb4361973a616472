import { setPriority } from 'node:os'
import { createSecureContext, type SecureContext } from 'node:tls'
import { agentRoutes, type OwnEnrolment, type TokenCredential } from '@joinery/protocol'
import { enemyAddress, type StartAttack, type Tally, type Target } from './attacks/attack.ts'
import { chains } from './attacks/chains.ts'
import { connections } from './attacks/connections.ts'
import { csrs } from './attacks/csrs.ts'
import { downloads } from './attacks/downloads.ts'
import { keyUpdates } from './attacks/key-updates.ts'
import { polls } from './attacks/polls.ts'
import { observations, progress } from './attacks/volley.ts'
import { AgentConnection } from './connection.ts'
import { enrolRequest } from './enrol-request.ts'
import { newIdentities } from './identities.ts'
import { offer } from './offer.ts'
import type { Address } from './server.ts'

export const attacks = {
  polls,
  connections,
  chains,
  progress,
  observations,
  csrs,
  downloads,
  keyUpdates
} satisfies Record<string, StartAttack>
export type AttackName = keyof typeof attacks

// who is honest shares this core, and is not to wait for it
setPriority(10)

let target: Target
let identity: SecureContext = createSecureContext()
const tally: Tally = {}
const stop = new AbortController()

const ask = async (method: string, path: string, body?: string): Promise<string> => {
  const connection = new AgentConnection(target.port, identity, enemyAddress)
  const answer = await connection.request(method, path, body)
  connection.close()
  if (answer.status >= 300) throw new Error(`the enemy was answered ${answer.status}: ${answer.body}`)
  return answer.body
}

/** Whoever is against the pairing server, at an address of its own. */
const calls = {
  /** Makes its key. */
  arm: async ({ port, authority, sha256, cluster }: Address): Promise<void> => {
    ;[identity = identity] = await newIdentities(1, authority)
    target = { port, identity, revision: 0, attempt: 0, token: '', nodeName: '', sha256, cluster }
  },

  /** Gives the id of its enrolment. */
  enrol: async (code: string): Promise<string> => {
    const enrolment: OwnEnrolment = JSON.parse(await ask('POST', agentRoutes.enrol.path, enrolRequest(code)))
    target.revision = enrolment.revision
    return enrolment.id
  },

  /** After it was approved. */
  claim: async (): Promise<void> => {
    const { token, attempt, nodeName }: TokenCredential = JSON.parse(await ask('POST', agentRoutes.claim.path))
    Object.assign(target, { token, attempt, nodeName })
  },

  /** Resolves when others can be measured. */
  begin: (attack: AttackName): Promise<void> => attacks[attack](target, tally, stop.signal).stands,

  end: (): Tally => {
    stop.abort()
    return tally
  }
}
export type EnemyCalls = typeof calls

offer(calls)
