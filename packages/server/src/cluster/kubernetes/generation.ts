import type { Connection } from '@joinery/kube'
import { statusOf } from '@joinery/kube'
import { banList, generationAnnotation, namespace } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { type NotedGeneration, notedAtMost } from '../cluster.ts'

/** A ban list that is missing is told of by the proof of its policy. */
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

/** A merge patch with the version that was read: the API server refuses it (409) if the list was written since. */
export const noteGeneration = async (api: Connection, number: number, version: string): Promise<void> => {
  const metadata = { resourceVersion: version, annotations: { [generationAnnotation]: String(number) } }
  await api.core.patchNamespacedConfigMap(
    { namespace, name: banList, body: { metadata }, fieldManager: 'joinery-server' },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  )
}
