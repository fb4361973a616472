import type { Connection } from '@joinery/kube'
import { statusOf } from '@joinery/kube'
import { banList, generationAnnotation, namespace } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { type NotedGeneration, notedAtMost } from '../../core/ports/cluster/cluster.ts'

/**
 * The generation that the ban list notes. A missing ban list is no error here: the proof of its policy reports that.
 */
export const generation = async (api: Connection): Promise<NotedGeneration> => {
  try {
    const { metadata } = await api.core.readNamespacedConfigMap({ namespace, name: banList })
    const text = metadata?.annotations?.[generationAnnotation]?.slice(0, notedAtMost)
    return { version: metadata?.resourceVersion ?? '', ...given({ text }) }
  } catch (error) {
    if (statusOf(error) === 404) return { version: '' }
    throw error
  }
}

/**
 * Writes the generation into the ban list. The merge patch names the version that was read: the API server refuses it
 * (409) if somebody wrote the list since.
 */
export const noteGeneration = async (api: Connection, text: string, version: string): Promise<void> => {
  const metadata = { resourceVersion: version, annotations: { [generationAnnotation]: text } }
  await api.core.patchNamespacedConfigMap(
    { namespace, name: banList, body: { metadata }, fieldManager: 'joinery-server' },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  )
}
