import { signingGroups, tokenGroups } from '@joinery/kube/names'
import { minute } from '@joinery/protocol'
import type { BootstrapToken } from '../core/ports/cluster/cluster.ts'
import { wholeSeconds } from './whole-seconds.ts'

/** Data of a Secret `bootstrap-token-<id>`, decoded. */
export type TokenSecret = Record<string, string>

const longestLife = 31 * minute

/**
 * Reason for which the admission policy `joinery-bootstrap-tokens` refuses the Secret of this token. Undefined if the
 * policy allows it.
 */
export const tokenRefusal = ({ id, group, expires, signing }: BootstrapToken, now: Date): string | undefined => {
  if (!/^[a-z0-9]{6}$/.test(id)) return 'only bootstrap tokens'
  if (!tokenGroups.includes(group)) return `only tokens of one group, ${tokenGroups.join(' or ')}`
  if (signing && !signingGroups.includes(group))
    return `only tokens for authentication, and for signing those of ${signingGroups.join(' and ')}`
  const life = wholeSeconds(expires).getTime() - wholeSeconds(now).getTime()
  return life > longestLife ? 'a token must expire within 30 minutes' : undefined
}

export const tokenSecret = ({ id, secret, group, expires, description, signing }: BootstrapToken): TokenSecret => ({
  'token-id': id,
  'token-secret': secret,
  expiration: expires.toISOString().replace(/\.\d+Z$/, 'Z'),
  'usage-bootstrap-authentication': 'true',
  ...(signing && { 'usage-bootstrap-signing': 'true' }),
  'auth-extra-groups': group,
  description
})

/** Deletes the expired Secrets, as the controller `tokencleaner` does. */
export const deleteExpired = (secrets: Map<string, TokenSecret>, now: Date): void => {
  for (const [id, secret] of secrets) if (new Date(secret.expiration ?? '') <= now) secrets.delete(id)
}

/**
 * Signatures of cluster-info as the controller `bootstrapsigner` makes them, as far as they show which tokens vouch.
 */
export const signatures = (secrets: ReadonlyMap<string, TokenSecret>): Record<string, string> =>
  Object.fromEntries(
    [...secrets]
      .filter(([, secret]) => secret['usage-bootstrap-signing'] === 'true')
      .map(([id]) => [`jws-kubeconfig-${id}`, 'rehearsal..signature'])
  )

export interface TokenUser {
  username: string
  groups: string[]
}

/**
 * User that the API server takes the holder of a token for. Undefined means status 401. Expired Secrets are gone
 * already.
 */
export const authenticate = (
  secrets: ReadonlyMap<string, TokenSecret>,
  token: { id: string; secret: string }
): TokenUser | undefined => {
  const secret = secrets.get(token.id)
  if (secret === undefined || secret['token-secret'] !== token.secret) return undefined
  return {
    username: `system:bootstrap:${token.id}`,
    groups: ['system:bootstrappers', secret['auth-extra-groups'] ?? '', 'system:authenticated']
  }
}
