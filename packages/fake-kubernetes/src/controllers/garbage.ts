import { core } from '../kubeadm/new-object.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'

/** Deletes the objects whose owners are all gone, by their uids. */
export const garbageCollector = (objects: Objects) => (): void => {
  const kept = [...objects.snapshot()].flatMap(([resource, all]) =>
    [...all.values()].map(({ metadata }) => ({ resource, metadata }))
  )
  const alive = new Set(kept.map(({ metadata }) => metadata.uid))
  for (const { resource, metadata } of kept) {
    const owners = metadata.ownerReferences ?? []
    if (owners.length === 0 || owners.some(({ uid }) => alive.has(uid))) continue
    const [plural = '', ...group] = resource.split('.')
    objects.delete({ group: group.join('.'), plural }, metadata.name, metadata.namespace)
  }
}

type Pod = KubeObject & { spec?: { nodeName?: string } }
const [pods, nodes] = [core('pods'), core('nodes')]

/** Time for which a Node is missing before its Pods go (pkg/controller/podgc, quarantineTime). */
const quarantine = 40_000

/** Deletes the Pods that are bound to a Node that has been missing for a while. */
export const podCollector = (objects: Objects, now: () => Date) => {
  let missing = new Map<string, number>()
  return (): void => {
    const time = now().getTime()
    const still = new Map<string, number>()
    for (const { spec, metadata } of objects.list<Pod>(pods)) {
      const node = spec?.nodeName
      if (!node || objects.get(nodes, node) !== undefined) continue
      const since = missing.get(node) ?? time
      still.set(node, since)
      if (time - since >= quarantine) objects.delete(pods, metadata.name, metadata.namespace)
    }
    missing = still
  }
}
