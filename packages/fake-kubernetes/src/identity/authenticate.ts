import type { Objects } from '../objects/objects.ts'
import { unauthorized } from '../objects/refused.ts'
import type { AccountTokens } from './account-tokens.ts'
import { bootstrapUser } from './bootstrap-tokens.ts'
import { certificateUsers } from './client-certificates.ts'
import type { User } from './user.ts'

/** `certificate`: PEM of the client certificate whose key TLS has proven. */
export interface Proof {
  certificate?: string
  bearer?: string
}

export interface AuthenticatorParts {
  now(): Date
  /** PEM of the cluster's CA. */
  clusterCa: string
  tokens: AccountTokens
  /** Milliseconds for which a token that was let in once is let in. 10,000 in a real API server. */
  tokenMemory?(): number
}

export interface Authenticator {
  /** Names who asks: the anonymous user without a credential. Throws `unauthorized` for a credential that is not good. */
  authenticate(proof: Proof): User
}

/** Makes the authenticators of an API server by kubeadm: client certificates, bootstrap tokens, ServiceAccount tokens. */
export const authenticator = (objects: Objects, parts: AuthenticatorParts): Authenticator => {
  const { now, clusterCa, tokens, tokenMemory = () => 0 } = parts
  const byCertificate = certificateUsers(clusterCa, now)
  const letIn = new Map<string, { user: User; at: number }>()
  const byToken = (bearer: string): User | undefined => {
    const [at, before] = [now().getTime(), letIn.get(bearer)]
    if (before !== undefined && at - before.at < tokenMemory()) return before.user
    const user = bootstrapUser(objects, now(), bearer) ?? tokens.user(bearer)
    if (user !== undefined) letIn.set(bearer, { user, at })
    return user
  }
  return {
    authenticate: ({ certificate, bearer }) => {
      if (certificate === undefined && bearer === undefined)
        return { username: 'system:anonymous', groups: ['system:unauthenticated'], extra: {} }
      const certified = certificate === undefined ? undefined : byCertificate(certificate)
      const user = certified ?? (bearer === undefined ? undefined : byToken(bearer))
      if (user === undefined) throw unauthorized()
      return { ...user, groups: [...new Set([...user.groups, 'system:authenticated'])] }
    }
  }
}
