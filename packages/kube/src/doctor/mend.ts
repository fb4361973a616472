import { ProblemError } from '@joinery/protocol'
import { RbacAuthorizationV1Api } from '@kubernetes/client-node'
import { apply, type Manifest, read, titleOf } from '../apply.ts'
import type { Connection } from '../connection.ts'
import { differences } from '../differences.ts'
import { statusOf } from '../errors.ts'
import { asAdmin } from './admin-connection.ts'
import type { Change } from './change.ts'
import type { ObjectReference } from './sight.ts'

/**
 * Makes one change. Returns what became of it, in kubectl's words. To make it again is a success. Throws
 * `revision-changed` if the object is not the one that was shown, and `cluster-unavailable` if the API is down or
 * refuses.
 */
export const mend = (api: Connection, change: Change): Promise<string> =>
  asAdmin(api, () => (change.verb === 'delete' ? remove(api, change.object) : enforce(api, change.manifest)))

const remove = async (api: Connection, object: ObjectReference): Promise<string> => {
  const title = `${object.kind.toLowerCase()}/${object.name}`
  try {
    await deleteAsSeen(api, object)
    return `${title} deleted`
  } catch (error) {
    if (statusOf(error) === 404) return `${title} was gone already`
    if (statusOf(error) !== 409) throw error
    throw new ProblemError('revision-changed', {
      detail: `${title} has changed since it was shown, and was left as it is`,
      remedy: 'joinery cluster harden, which shows it again'
    })
  }
}

const deleteAsSeen = (api: Connection, { kind, namespace, name, uid, resourceVersion }: ObjectReference) => {
  const rbac = api.config.makeApiClient(RbacAuthorizationV1Api)
  const body = { preconditions: { uid, resourceVersion } }
  switch (kind) {
    case 'ClusterRoleBinding':
      return rbac.deleteClusterRoleBinding({ name, body })
    case 'RoleBinding':
      return rbac.deleteNamespacedRoleBinding({ namespace, name, body })
    case 'Secret':
      return api.core.deleteNamespacedSecret({ namespace, name, body })
  }
}

/** Applies the manifest, and removes what somebody added, which an apply leaves. */
const enforce = async (api: Connection, manifest: Manifest): Promise<string> => {
  const before = await seen(api, manifest)
  // a binding's role cannot be changed
  if (before !== undefined && differences(manifest, before).includes('roleRef')) await api.objects.delete(manifest)
  await apply(api, manifest)
  const after = await seen(api, manifest)
  if (after !== undefined && differences(manifest, after).length > 0) {
    await api.objects.replace({ ...manifest, metadata: after.metadata })
  }
  return `${titleOf(manifest)} ${before === undefined ? 'created' : 'configured'}`
}

const seen = async (api: Connection, manifest: Manifest): Promise<Manifest | undefined> =>
  (await read(api, manifest)) as Manifest | undefined
