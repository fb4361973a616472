import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostOf } from '../../core/base/addresses.ts'
import type { Budgets } from '../../core/base/budgets.ts'
import type { Logger } from '../../core/base/log.ts'
import { StartRefusal } from '../../core/base/start-refusal.ts'
import { names, pairFlaw } from '../../core/keys/leaf.ts'
import { renewIt } from '../../core/keys/state-keys.ts'
import { answeredByUs } from './unread-requests.ts'

/** TLS of the agents' listener. The chain ends with the CA: the agent's pin is on the CA's key. */
export interface AgentsTls {
  key: string
  cert: string
  minVersion: 'TLSv1.3'
}

/**
 * Options of a listener for agents, of the active server as of one that stands by. It asks for a certificate that no CA has signed: the key
 * of a machine is its identity.
 */
export const agentsHttps = (tls: AgentsTls, { headersTimeout, timeout }: Budgets['requests']) => ({
  ...tls,
  ...answeredByUs,
  requestCert: true,
  rejectUnauthorized: false,
  headersTimeout,
  requestTimeout: timeout,
  connectionsCheckingInterval: 1_000
})

/** Things that the listener's certificate depends on. */
export interface LeafPlace {
  /** The state folder. */
  state: string
  /** The URL to which machines are sent. */
  address: string
}

/**
 * Reads TLS from the state folder, as it lies there now: a command of root's renews it. Throws `StartRefusal` if key, leaf and CA do not
 * belong together.
 */
export const agentsTls = async ({ state, address }: LeafPlace, log: Logger): Promise<AgentsTls> => {
  const read = (file: string) => readFile(join(state, file), 'utf8')
  const [key, leaf, ca] = [await read('tls.key'), await read('tls.crt'), await read('ca.crt')]
  const flaw = pairFlaw({ key, certificate: leaf }, ca)
  if (flaw !== undefined) throw new StartRefusal(`${join(state, 'tls.crt')} cannot be served: ${flaw}`, renewIt)
  if (!names(new X509Certificate(leaf), hostOf(address))) log.warn({ address }, unnamed)
  return { key, cert: `${leaf}\n${ca}`, minVersion: 'TLSv1.3' }
}

const unnamed = 'the certificate for agents does not name agents.address: new machines will not fetch the agent from it'
