import { randomBytes } from 'node:crypto'
import { type ClusterFacts, isBeforeClaim, minute, type Reachability, type SeenEnrolment } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { portsOf } from '../machine/preflight/network/role-ports.ts'
import { oddSkew } from '../machine/preflight/system/clock-skew.ts'
import type { Door } from '../pairing/door.ts'
import { type PairingServer, Refused } from '../pairing/pairing-server.ts'
import type { Clock } from '../program/clock.ts'

/**
 * Facts that the machine cannot see by itself. A fact that the server did not tell is absent, and the checks that
 * need it are skipped.
 */
export interface Survey {
  /** `skew`: milliseconds by which this machine's clock is ahead of the server's. */
  cluster?: ClusterFacts & { skew: number }
  reachability?: Reachability
}

interface Parts {
  server: PairingServer
  door: Door
  clock: Clock
}

/**
 * Asks the server about the cluster and for a dial-back. Throws if the server gives no answer at all, or is too busy
 * to look: what it would find is not known yet, so no claim may follow. An older server knows neither call.
 */
export const survey = async (parts: Parts, { state, role }: Pick<SeenEnrolment, 'state' | 'role'>): Promise<Survey> => {
  const cluster = await unlessRefused(askCluster(parts))
  const ports = portsOf(role, cluster?.etcd)
  // it dials back before the kubelet has the ports
  const reachability = isBeforeClaim({ state }) ? await unlessRefused(askReachability(parts, ports)) : undefined
  return given({ cluster, reachability })
}

const askCluster = async ({ server, clock }: Parts): Promise<Survey['cluster']> => {
  const [sent, began] = [clock.now(), clock.monotonic()]
  const cluster = await server.cluster()
  return { ...cluster, skew: skewOf(sent, clock.monotonic() - began, cluster.time) }
}

/**
 * Milliseconds by which this machine's clock is ahead of the server's. The server is taken to have spoken in the
 * middle of the call, which took `elapsed` milliseconds from `sent` on.
 */
export const skewOf = (sent: number, elapsed: number, serverTime: string): number =>
  Math.round(sent + elapsed / 2 - Date.parse(serverTime))

/**
 * Asks the server to dial back. Undefined if somebody else has a port: the kubelet could not have it either, and a
 * check of its own says so.
 */
const askReachability = async ({ server, door }: Parts, ports: number[]): Promise<Reachability | undefined> => {
  const nonce = randomBytes(32).toString('hex')
  const close = await door.open(ports, nonce)
  if (close === undefined) return undefined
  try {
    return await server.reachability({ ports, nonce })
  } finally {
    await close()
  }
}

const unlessRefused = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refused && error.code !== 'too-many-requests') return undefined
    throw error
  }
}

/**
 * Time for which a survey is good, in milliseconds. A survey with a final result is good for ten minutes. A survey
 * that may soon have a better result is good for a minute: somebody may set a wrong clock right. A machine behind NAT
 * stays there.
 */
export const surveyLasts = ({ cluster, reachability }: Survey): number => {
  const settled = reachability?.ports.every(({ reach }) => reach === 'open' || reach === 'behind-nat')
  const inTime = cluster !== undefined && Math.abs(cluster.skew) < oddSkew
  return inTime && settled ? 10 * minute : minute
}
