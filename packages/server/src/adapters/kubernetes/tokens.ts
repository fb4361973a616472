import type { Connection } from '@joinery/kube'
import { refusalOf, statusOf } from '@joinery/kube'
import type { BootstrapToken } from '../../core/ports/cluster/unguarded-giving.ts'

const namespace = 'kube-system'
export const secretName = (id: string): string => `bootstrap-token-${id}`

/** The Secret as the admission policy allows it: these keys, one group, an expiration of 20 characters. */
export const tokenSecret = ({ id, secret, group, expires, description, signing }: BootstrapToken) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: secretName(id), namespace },
  type: 'bootstrap.kubernetes.io/token',
  stringData: {
    'token-id': id,
    'token-secret': secret,
    expiration: expires.toISOString().replace(/\.\d+Z$/, 'Z'),
    'usage-bootstrap-authentication': 'true',
    ...(signing && { 'usage-bootstrap-signing': 'true' }),
    'auth-extra-groups': group,
    description
  }
})

export const createToken = async (api: Connection, token: BootstrapToken): Promise<void> => {
  try {
    await api.core.createNamespacedSecret({ namespace, body: tokenSecret(token) })
  } catch (error) {
    // the server committed the token's id before the first try: this is that try's Secret
    if (statusOf(error) !== 409) throw error
  }
}

export const deleteToken = async (api: Connection, id: string): Promise<void> => {
  try {
    await api.core.deleteNamespacedSecret({ namespace, name: secretName(id) })
  } catch (error) {
    if (statusOf(error) !== 404) throw error
  }
}

/** The API server's words of refusal for this Secret, by dry run. Undefined if the API server would make it. */
export const refusalOfSecret = (
  api: Connection,
  secret: Omit<ReturnType<typeof tokenSecret>, 'stringData'> & { stringData: Record<string, string> }
): Promise<string | undefined> =>
  refusalOf(() => api.core.createNamespacedSecret({ namespace, body: secret, dryRun: 'All' }))
