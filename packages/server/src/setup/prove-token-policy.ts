import { setTimeout } from 'node:timers/promises'
import { workerGroup } from '../cluster/cluster.ts'
import type { Connection } from '../cluster/kubernetes/connection.ts'
import { explain } from '../cluster/kubernetes/errors.ts'
import { tokenPolicy } from '../cluster/kubernetes/names.ts'
import { refusalOfSecret, tokenSecret } from '../cluster/kubernetes/tokens.ts'

const pause = 500
const tries = 120

/**
 * Asks, by dry run and as the server itself, for Secrets that it must not make and for one that it must. A new policy
 * takes the API server some seconds to heed: tried for a minute. Gives what was proven, a line each.
 */
export const proveTokenPolicy = async (server: Connection, now: Date): Promise<string[]> => {
  let open: string[] = []
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await setTimeout(pause)
    open = await explain(server.server, () => unproven(server, now))
    if (open.length === 0) return probes(now).map(({ what, refused }) => `${what}: ${refused ? 'refused' : 'allowed'}`)
  }
  throw new Error(
    `the cluster does not yet hold the server within its bounds, no credential was written:\n${open.join('\n')}`
  )
}

const unproven = async (server: Connection, now: Date): Promise<string[]> => {
  const answers = probes(now).map(async ({ what, refused, secret }) => {
    const refusal = await refusalOfSecret(server, secret)
    if (refusal === undefined) return refused ? [`${what} is not refused`] : []
    if (!refused) return [`${what} is refused: ${refusal}`]
    // RBAC that is not there yet refuses too, and proves nothing
    return refusal.includes(tokenPolicy) ? [] : [`${what} is refused by something else: ${refusal}`]
  })
  return (await Promise.all(answers)).flat()
}

const minute = 60_000

const probes = (now: Date) => {
  const own = {
    id: 'aaaaaa',
    secret: 'aaaaaaaaaaaaaaaa',
    group: workerGroup,
    expires: new Date(now.getTime() + 10 * minute),
    description: 'dry run of joinery-server setup'
  }
  const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'
  const nextDay = new Date(now.getTime() + 24 * 60 * minute)
  return [
    { what: "a token of kubeadm's own group", refused: true, secret: tokenSecret({ ...own, group: kubeadmGroup }) },
    { what: 'a token that lives for a day', refused: true, secret: tokenSecret({ ...own, expires: nextDay }) },
    { what: 'a Secret of another type', refused: true, secret: { ...tokenSecret(own), type: 'Opaque' } },
    { what: 'a token for one attempt', refused: false, secret: tokenSecret(own) }
  ]
}
