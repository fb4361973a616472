import { core, newObject } from '../kubeadm/new-object.ts'
import type { Objects } from '../objects/objects.ts'

/** Gives each Namespace its ServiceAccount `default`, and the ConfigMap with the CA (PEM). */
export const namespaceController = (objects: Objects, ca: string) => (): void => {
  const [accounts, maps] = [core('serviceaccounts'), core('configmaps')]
  for (const { metadata } of objects.list(core('namespaces'))) {
    const { name: namespace, deletionTimestamp } = metadata
    const lacks = (name: string, resource: typeof maps): boolean =>
      deletionTimestamp === undefined && objects.get(resource, name, namespace) === undefined
    if (lacks('default', accounts))
      objects.create(accounts, newObject('v1', 'ServiceAccount', { name: 'default', namespace }))
    const name = 'kube-root-ca.crt'
    if (lacks(name, maps))
      objects.create(maps, newObject('v1', 'ConfigMap', { name, namespace }, { data: { 'ca.crt': ca } }))
  }
}
