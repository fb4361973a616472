import { randomBytes } from 'node:crypto'
import { tokenSecret } from '@joinery/server/testing/kubernetes'
import type { ApiClient } from '@joinery/testing/cluster/world/api-client'

const secrets = '/api/v1/namespaces/kube-system/secrets'
/** In milliseconds. */
const lifetime = 600_000

/** A bootstrap token that Joinery knows nothing of. */
export interface BareToken {
  id: string
  /** `id.secret`, as kubeadm takes it. */
  token: string
  delete(): Promise<void>
}

/** Makes a token, as `kubeadm token create` does: one Secret, good for ten minutes. */
export const createBareToken = async (admin: ApiClient, group: string): Promise<BareToken> => {
  const [id, secret] = [randomBytes(3).toString('hex'), randomBytes(8).toString('hex')]
  const expires = new Date(Date.now() + lifetime)
  const object = tokenSecret({ id, secret, group, expires, description: 'bench' })
  await admin.post(secrets, object)
  return { id, token: `${id}.${secret}`, delete: () => admin.delete(`${secrets}/${object.metadata.name}`) }
}
