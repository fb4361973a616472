import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { machineAddresses } from './init/addresses.ts'
import { readAuthority } from './init/ensure-authority.ts'
import { ensureLeaf } from './init/ensure-leaf.ts'
import type { Logger } from './log.ts'

/** TLS of the agents' listener. The chain ends with the CA: the agent's pin is on the CA's key. */
export interface AgentsTls {
  key: string
  cert: string
  minVersion: 'TLSv1.3'
}

/**
 * What the state folder holds, after a leaf that is damaged, or ends within 30 days, was made anew. Where it cannot be
 * made, the one that is there goes on.
 */
export const agentsTls = async (state: string, now: Date, log: Logger): Promise<AgentsTls> => {
  await renewLeaf(state, now).catch((error: Error) =>
    log.warn({ reason: error.message }, 'could not renew the certificate for agents')
  )
  const read = (file: string) => readFile(join(state, file), 'utf8')
  const [key, leaf, ca] = [await read('tls.key'), await read('tls.crt'), await read('ca.crt')]
  return { key, cert: `${leaf}\n${ca}`, minVersion: 'TLSv1.3' }
}

const renewLeaf = async (state: string, now: Date): Promise<void> => {
  const authority = await readAuthority(state)
  await ensureLeaf(state, authority, { wanted: [], machine: machineAddresses() }, now, () => {})
}
