import { type Connection, connectionTo } from '@joinery/kube'
import { namespace, serviceAccount } from '@joinery/kube/names'
import { stringify } from 'yaml'
import { writeDurably } from '../../../core/base/files.ts'
import { fixedFacts, withFixedFacts } from '../../../core/trust/fixed-facts.ts'
import { certificateAuthority } from '../endpoint.ts'

/**
 * Lifetime in seconds that the server asks for: a week, the longest that the admission policy joinery-token-renewal
 * allows its own token.
 */
const lifetime = 7 * 24 * 3600

export interface ServerCredential {
  /** Text of the server's own kubeconfig. */
  kubeconfig: string
  /** Time at which the token expires. The API server decides it, and may shorten what the server asked for. */
  expires: Date
  /** Audiences of the token: those that the API server takes for its own. Empty if the answer has none. */
  audiences: readonly string[]
}

/** Requests a new token of the server's ServiceAccount, by an admin's connection or by the server's own. */
export const requestCredential = async (api: Connection): Promise<ServerCredential> => {
  const { spec, status } = await api.core.createNamespacedServiceAccountToken({
    namespace,
    name: serviceAccount,
    body: { spec: { expirationSeconds: lifetime } }
  })
  const { token, expirationTimestamp: expires } = status ?? {}
  if (token === undefined || expires === undefined) throw new Error('the API server answered without a token')
  return {
    kubeconfig: kubeconfig(api.server, certificateAuthority(api.config), token),
    expires,
    audiences: spec?.audiences ?? []
  }
}

const kubeconfig = (server: string, certificateAuthority: string, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'cluster',
        cluster: { server, 'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64') }
      }
    ],
    users: [{ name: serviceAccount, user: { token } }],
    contexts: [{ name: serviceAccount, context: { cluster: 'cluster', user: serviceAccount } }],
    'current-context': serviceAccount
  })

/**
 * Replaces the token in the server's own kubeconfig by a fresh one. What root fixed in the file stays. Returns the time at which the new
 * token expires.
 */
export const renewCredential = async (kubeconfigFile: string): Promise<Date> => {
  const { kubeconfig, expires } = await connectionTo(kubeconfigFile).call(requestCredential)
  const facts = await fixedFacts(kubeconfigFile)
  await writeDurably(kubeconfigFile, facts === undefined ? kubeconfig : withFixedFacts(kubeconfig, facts))
  return expires
}
