import { parse } from 'yaml'
import { readIfThere } from '../../../core/base/files.ts'
import type { CredentialLifetime } from '../../../core/ports/cluster/credential-lifetime.ts'

/**
 * Lifetime of the token in the server's own kubeconfig, from the claims `iat` and `exp` of a ServiceAccount token (RFC
 * 7519, seconds). Undefined if there is no such token. If the token is wrong, the cluster says what is wrong.
 */
export const credentialLifetime = async (kubeconfigFile: string): Promise<CredentialLifetime | undefined> => {
  const text = await readIfThere(kubeconfigFile)
  try {
    const token = String(parse(String(text)).users[0].user.token)
    const { iat, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return Number.isInteger(iat) && Number.isInteger(exp)
      ? { issued: new Date(iat * 1000), expires: new Date(exp * 1000) }
      : undefined
  } catch {
    return undefined
  }
}

/**
 * True if less than a fixed share of the token's lifetime is left. A share, because a cluster may give shorter tokens
 * than the server asked for: an hour at the least.
 */
export const renewalDue = ({ issued, expires }: CredentialLifetime, now: Date): boolean =>
  expires.getTime() - now.getTime() < (expires.getTime() - issued.getTime()) * (3 / 4)
