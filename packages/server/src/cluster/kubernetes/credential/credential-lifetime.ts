import { parse } from 'yaml'
import { readIfThere } from '../../../base/files.ts'
import type { CredentialLifetime } from '../../cluster.ts'

/**
 * Of the token in the server's own kubeconfig, as the claims `iat` and `exp` of a ServiceAccount token say it (RFC 7519,
 * seconds); undefined where there is no such token. What is wrong with it the cluster says.
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

/** A share of its lifetime, because a cluster may give shorter tokens than were asked for: an hour, at the least. */
export const renewalDue = ({ issued, expires }: CredentialLifetime, now: Date): boolean =>
  expires.getTime() - now.getTime() < (expires.getTime() - issued.getTime()) * (3 / 4)
