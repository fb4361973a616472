import type { Connection } from '@joinery/kube'
import { audiencesAnnotation, namespace } from '@joinery/kube/names'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'

/**
 * Writes down the audiences that the API server takes for its own, for the policy that bounds the server's token. It is no part of the
 * manifests, which know no cluster: an apply of them leaves it.
 */
export const noteAudiences = async (admin: Connection, audiences: readonly string[]): Promise<void> => {
  const metadata = { annotations: { [audiencesAnnotation]: audiences.join(',') } }
  await admin.core.patchNamespace(
    { name: namespace, body: { metadata }, fieldManager: 'joinery-server-setup' },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  )
}
