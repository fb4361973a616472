import type { SecureContext } from 'node:tls'

/** From which the enemy comes; honest agents come from 127.0.0.1. */
export const enemyAddress = '127.0.0.2'

/** Whom an attack meets, and as whom. */
export interface Target {
  port: number
  /** The enemy's key and certificate. */
  identity: SecureContext
  /** Of the enemy's enrolment, and the attempt that it claimed; 0 where there is none. */
  revision: number
  attempt: number
  /** The enemy's bootstrap token, and the name that it is for. */
  token: string
  nodeName: string
  /** Of the agent's package. */
  sha256: string
  /** Unix socket of the rehearsal cluster. */
  cluster: string
}

/** What the enemy did, by name; an answer of the server counts under its status. */
export type Tally = Record<string, number>

/** An attack that goes on until `stop` aborts. */
export interface Attack {
  /** Resolves when as much stands as is to stand while others are measured. */
  stands: Promise<void>
}

export type StartAttack = (target: Target, tally: Tally, stop: AbortSignal) => Attack

export const count = (tally: Tally, what: string | number, by = 1): void => {
  tally[what] = (tally[what] ?? 0) + by
}
