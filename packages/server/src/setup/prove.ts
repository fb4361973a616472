import { setTimeout } from 'node:timers/promises'
import type { CredentialKind } from '@joinery/protocol'
import type { Connection } from '../cluster/kubernetes/connection.ts'
import { explain } from '../cluster/kubernetes/errors.ts'
import { gapsOf } from '../cluster/kubernetes/probe.ts'
import { secretProbes } from '../cluster/kubernetes/token-probes.ts'
import { csrProbes } from './csr-probes.ts'

const pause = 500
const tries = 120

/**
 * Asks, by dry run and as the server itself, for what it must not have and for what it must. A new policy takes the API
 * server some seconds to heed: tried for a minute. Gives what was proven, a line each.
 */
export const prove = async (server: Connection, credential: CredentialKind, now: Date): Promise<string[]> => {
  const probes = [...secretProbes(credential, now), ...(await csrProbes())]
  let open: string[] = []
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await setTimeout(pause)
    open = await explain(server.server, () => gapsOf(server, probes))
    if (open.length === 0) {
      return probes.map(({ what, refusedBy }) => `${what}: ${refusedBy === undefined ? 'allowed' : 'refused'}`)
    }
  }
  throw new Error(
    `the cluster does not yet hold the server within its bounds, no credential was written:\n${open.join('\n')}`
  )
}
