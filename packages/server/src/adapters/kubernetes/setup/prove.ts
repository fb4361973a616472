import { setTimeout } from 'node:timers/promises'
import { CommandEnd, commonCodes } from '@joinery/host/command-end'
import type { Connection } from '@joinery/kube'
import { explain } from '@joinery/kube'
import { type Policy, policies } from '@joinery/kube/names'
import { sideBySide } from '../../../core/base/side-by-side.ts'
import type { ServerRights } from '../../../core/ports/cluster/access-checks.ts'
import { policyGaps } from '../probes/policy-gaps.ts'

const pause = 500
const tries = 120
/** Policies that are proven at a time. Each takes some requests, of 10 s at most, and all of them at once are much for a slow host. */
const atOnce = 4

/**
 * Asks the API server, by dry run and as the server itself, for what the server must not have and for what it must
 * have. It also reads the policies that bound others. The API server takes some seconds to heed a new policy, so it
 * tries for a minute. Returns one line for each thing that was proven.
 */
export const prove = async (server: Connection, rights: ServerRights, now: Date): Promise<string[]> => {
  let open: string[] = []
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await setTimeout(pause)
    const gaps: string[][] = []
    await explain(server.server, () =>
      sideBySide(policies.entries(), atOnce, async ([index, policy]) => {
        gaps[index] = await gapsOf(server, policy, rights, now)
      })
    )
    open = gaps.flat()
    if (open.length === 0) return policies.map((policy) => proofOf(policy, rights))
  }
  throw new CommandEnd(
    commonCodes.failure,
    ['the cluster does not yet hold the server within its bounds, no credential was written', ...open],
    'give the API servers a minute, then again: joinery-server setup; else look at the policies: joinery cluster doctor'
  )
}

/**
 * The words for a policy that was proven. A server that gives out certificates has no right to Secrets, so RBAC stands
 * in for the policy of tokens.
 */
const proofOf = (policy: Policy, { credential }: ServerRights): string =>
  policy === 'joinery-bootstrap-tokens' && credential === 'certificate' ? 'no right to make tokens' : `${policy} holds`

const gapsOf = async (...[server, policy, rights, now]: Parameters<typeof policyGaps>): Promise<string[]> =>
  (await policyGaps(server, policy, rights, now)).map((gap) => `${policy}: ${gap}`)
