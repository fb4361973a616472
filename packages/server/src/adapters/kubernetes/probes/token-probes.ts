import { tokenPolicy, workerGroup } from '@joinery/kube/names'
import { type CredentialKind, minute } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { refusalOfSecret, tokenSecret } from '../tokens.ts'
import type { Probe } from './probe.ts'

const ownToken = (now: Date) => ({
  id: 'aaaaaa',
  secret: 'aaaaaaaaaaaaaaaa',
  group: workerGroup,
  expires: new Date(now.getTime() + 10 * minute),
  description: 'dry run of joinery-server'
})

const probe = (what: string, secret: Parameters<typeof refusalOfSecret>[1], refusedBy?: string): Probe => ({
  what,
  ...given({ refusedBy }),
  ask: (server) => refusalOfSecret(server, secret)
})

/**
 * Probes of the Secrets that a server which gives out such credentials may make, and of those that it must not make.
 */
export const secretProbes = (credential: CredentialKind, now: Date): Probe[] =>
  credential === 'token' ? tokenProbes(now) : noSecretProbes(now)

/** Probes for a server that may make tokens: it makes tokens of its own group, for minutes, and nothing else. */
export const tokenProbes = (now: Date): Probe[] => {
  const own = ownToken(now)
  const kubeadmGroup = 'system:bootstrappers:kubeadm:default-node-token'
  const nextDay = new Date(now.getTime() + 24 * 60 * minute)
  const { expiration: _, ...endless } = tokenSecret(own).stringData
  return [
    probe("a token of kubeadm's own group", tokenSecret({ ...own, group: kubeadmGroup }), tokenPolicy),
    probe('a token for an attempt that signs', tokenSecret({ ...own, signing: true }), tokenPolicy),
    probe('a token that lives for a day', tokenSecret({ ...own, expires: nextDay }), tokenPolicy),
    probe('a token without expiry', { ...tokenSecret(own), stringData: endless }, tokenPolicy),
    probe('a Secret of another type', { ...tokenSecret(own), type: 'Opaque' }, tokenPolicy),
    probe('a token for one attempt', tokenSecret(own))
  ]
}

/** Probes for a server that gives out certificates: RBAC lets it make no Secret of any kind. */
export const noSecretProbes = (now: Date): Probe[] => [
  probe('a token for one attempt', tokenSecret(ownToken(now)), 'is forbidden: User')
]
