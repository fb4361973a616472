import type { Connection } from '@joinery/kube'
import { deletionAnnotation } from '@joinery/kube/door'
import { headName, logGroup, logVersion } from '@joinery/kube/log'
import { namespace } from '@joinery/kube/names'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { isAbsent } from './outcome.ts'

const head = { group: logGroup, version: logVersion, namespace, plural: 'logheads', name: headName }

/** Deletes the head of the log, as an administrator who means it. From then on no server writes the log. If there is none, that is success. */
export const endLog = async ({ custom }: Connection): Promise<void> => {
  try {
    await custom.patchNamespacedCustomObject(
      { ...head, body: { metadata: { annotations: { [deletionAnnotation]: 'true' } } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
    )
    await custom.deleteNamespacedCustomObject(head)
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}
