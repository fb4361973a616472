import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Budgets } from '../base/budgets.ts'
import type { Logger } from '../base/log.ts'
import { hostOf, machineAddresses } from '../keys/addresses.ts'
import { readAuthority } from '../keys/ensure-authority.ts'
import { ensureLeaf } from '../keys/ensure-leaf.ts'
import { names } from '../keys/leaf.ts'

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
 * Reads TLS from the state folder. First it makes a new leaf if the old one is damaged, ends within 30 days, or does
 * not name the host of `address`. If it cannot make one, it uses the leaf that is there.
 */
export const agentsTls = async ({ state, address }: LeafPlace, now: Date, log: Logger): Promise<AgentsTls> => {
  await renewLeaf(state, address, now, log).catch((error: Error) =>
    log.warn({ reason: error.message }, 'could not renew the certificate for agents')
  )
  const read = (file: string) => readFile(join(state, file), 'utf8')
  const [key, leaf, ca] = [await read('tls.key'), await read('tls.crt'), await read('ca.crt')]
  if (!names(new X509Certificate(leaf), hostOf(address))) log.warn({ address }, unnamed)
  return { key, cert: `${leaf}\n${ca}`, minVersion: 'TLSv1.3' }
}

const unnamed = 'the certificate for agents does not name agents.address: new machines will not fetch the agent from it'

const renewLeaf = async (state: string, address: string, now: Date, log: Logger): Promise<void> => {
  const authority = await readAuthority(state)
  const choice = { wanted: [], machine: machineAddresses(), published: address }
  await ensureLeaf(state, authority, choice, now, (said) => {
    if (!said.endsWith(' unchanged')) log.info({ address }, said)
  })
}
