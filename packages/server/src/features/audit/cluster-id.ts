import { createHash, X509Certificate } from 'node:crypto'
import type { Cluster } from '../../core/ports/cluster/cluster.ts'

/**
 * Id of the cluster in the origin of logs: the beginning of a hash of its CA. The server needs no right for it, which the uid of a
 * namespace would take. Throws `cluster-unavailable`.
 */
export const clusterIdOf = async (cluster: Pick<Cluster, 'endpoint'>): Promise<string> => {
  const { certificateAuthority } = await cluster.endpoint()
  const { raw } = new X509Certificate(certificateAuthority)
  return createHash('sha256').update(raw).digest('hex').slice(0, 16)
}
