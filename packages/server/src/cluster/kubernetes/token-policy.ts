import { workerGroup } from '../cluster.ts'
import type { Connection } from './connection.ts'
import { tokenPolicy } from './names.ts'
import { refusalOfSecret, tokenSecret } from './tokens.ts'

type Secret = Parameters<typeof refusalOfSecret>[1]

/** A Secret that is asked for by dry run, and whether the server must be refused it. */
export interface Probe {
  what: string
  refused: boolean
  secret: Secret
}

const minute = 60_000

export const tokenProbes = (now: Date): Probe[] => {
  const own = {
    id: 'aaaaaa',
    secret: 'aaaaaaaaaaaaaaaa',
    group: workerGroup,
    expires: new Date(now.getTime() + 10 * minute),
    description: 'dry run of joinery-server'
  }
  const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'
  const nextDay = new Date(now.getTime() + 24 * 60 * minute)
  const { expiration: _, ...endless } = tokenSecret(own).stringData
  return [
    { what: "a token of kubeadm's own group", refused: true, secret: tokenSecret({ ...own, group: kubeadmGroup }) },
    { what: 'a token that lives for a day', refused: true, secret: tokenSecret({ ...own, expires: nextDay }) },
    { what: 'a token without expiry', refused: true, secret: { ...tokenSecret(own), stringData: endless } },
    { what: 'a Secret of another type', refused: true, secret: { ...tokenSecret(own), type: 'Opaque' } },
    { what: 'a token for one attempt', refused: false, secret: tokenSecret(own) }
  ]
}

/** Asks for each of them, by dry run and as the server itself: what is not as it must be, a line each. */
export const tokenPolicyGaps = async (server: Connection, now: Date): Promise<string[]> => {
  const answers = tokenProbes(now).map(async ({ what, refused, secret }) => {
    const refusal = await refusalOfSecret(server, secret)
    if (refusal === undefined) return refused ? [`${what} is not refused`] : []
    if (!refused) return [`${what} is refused: ${refusal}`]
    // RBAC that is not there yet refuses too, and proves nothing
    return refusal.includes(tokenPolicy) ? [] : [`${what} is refused by something else: ${refusal}`]
  })
  return (await Promise.all(answers)).flat()
}
