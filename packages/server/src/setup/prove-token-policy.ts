import { setTimeout } from 'node:timers/promises'
import type { Connection } from '../cluster/kubernetes/connection.ts'
import { explain } from '../cluster/kubernetes/errors.ts'
import { tokenPolicyGaps, tokenProbes } from '../cluster/kubernetes/token-policy.ts'

const pause = 500
const tries = 120

/**
 * Proves, by the server's own credential, that the admission policy holds it. A new policy takes the API server some
 * seconds to heed: tried for a minute. Gives what was proven, a line each.
 */
export const proveTokenPolicy = async (server: Connection, now: Date): Promise<string[]> => {
  let open: string[] = []
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await setTimeout(pause)
    open = await explain(server.server, () => tokenPolicyGaps(server, now))
    if (open.length === 0)
      return tokenProbes(now).map(({ what, refused }) => `${what}: ${refused ? 'refused' : 'allowed'}`)
  }
  throw new Error(
    `the cluster does not yet hold the server within its bounds, no credential was written:\n${open.join('\n')}`
  )
}
