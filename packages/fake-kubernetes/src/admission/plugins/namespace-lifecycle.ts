import { namespaces } from '../../identity/resources.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { notFound } from '../../objects/refused.ts'
import { isOn, type Plugin, refusedBy } from './plugin.ts'

/** Namespaces that stay. That of the Leases of Nodes is none of them. */
const immortal = ['default', 'kube-system', 'kube-public']

/** Refuses to write into a Namespace that is not there or ends, and to delete one that stays (NamespaceLifecycle). */
export const namespaceLifecycle: Plugin = (operation, objects) => {
  const { operation: verb, namespace, name } = operation
  if (isOn(operation, 'namespaces') && verb === 'DELETE' && immortal.includes(name))
    throw refusedBy(operation, 'this namespace may not be deleted')
  if (operation.kind.plural === 'namespaces' || namespace === '' || verb === 'DELETE') return
  const space = objects.get<KubeObject & { status?: { phase?: string } }>(namespaces, namespace)
  if (space === undefined) throw notFound(namespaces, namespace)
  if (verb === 'CREATE' && space.status?.phase === 'Terminating')
    throw refusedBy(operation, `unable to create new content in namespace ${namespace} because it is being terminated`)
}
