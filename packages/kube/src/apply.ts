import { isDeepStrictEqual } from 'node:util'
import { type KubernetesObject, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'
import { statusOf } from './errors.ts'

/** An object of any kind, as a manifest gives it. */
export type Manifest = KubernetesObject & {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
}

/** Name of an object as kubectl writes it: `role.rbac.authorization.k8s.io/joinery-server`. */
export const titleOf = ({ apiVersion, kind, metadata }: Manifest): string => {
  const [group, version] = apiVersion.split('/')
  return `${kind.toLowerCase()}${version === undefined ? '' : `.${group}`}/${metadata.name}`
}

export type Applied = 'created' | 'configured' | 'unchanged'

const fieldManager = 'joinery'

/**
 * Applies the manifest by server-side apply. It takes back fields that somebody else changed, and leaves fields that
 * the manifest leaves out.
 */
export const apply = async (api: Connection, manifest: Manifest): Promise<Applied> => {
  const before = await read(api, manifest)
  const after = await patch(api, manifest)
  if (before === undefined) return 'created'
  return isDeepStrictEqual(content(before), content(after)) ? 'unchanged' : 'configured'
}

const patch = (api: Connection, manifest: Manifest): Promise<KubernetesObject> => {
  const strategy = PatchStrategy.ServerSideApply
  return isDefinition(manifest)
    ? api.custom.patchClusterCustomObject(
        { ...definitionOf(manifest), body: manifest, fieldManager, force: true },
        setHeaderOptions('Content-Type', strategy)
      )
    : api.objects.patch(manifest, undefined, undefined, fieldManager, true, strategy)
}

/**
 * True for a CustomResourceDefinition. The client's model of one calls `enum` and each `x-kubernetes-...` otherwise, and drops them
 * on their way to the API server without a word. So definitions go as they are.
 */
const isDefinition = ({ kind }: Manifest): boolean => kind === 'CustomResourceDefinition'

const definitionOf = ({ metadata: { name } }: Manifest) => ({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  name
})

/**
 * The object without what the API server keeps of its own: even an apply that changes nothing may move these fields
 * once.
 */
const content = ({ metadata, ...rest }: KubernetesObject): object => ({
  ...rest,
  status: undefined,
  labels: metadata?.labels,
  annotations: metadata?.annotations
})

/** Deletes the object. False if there was none. */
export const remove = async (api: Connection, object: Manifest): Promise<boolean> => {
  try {
    await api.objects.delete(object)
    return true
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}

export const read = async (api: Connection, object: Manifest): Promise<KubernetesObject | undefined> => {
  try {
    return isDefinition(object)
      ? await api.custom.getClusterCustomObject(definitionOf(object))
      : await api.objects.read(object)
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}
