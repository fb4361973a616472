import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../objects/kube-object.ts'

/** Turns a stored object into that of an answer. */
export type Show = (object: KubeObject) => object

/** Shows objects as the version that was asked for, or their metadata alone if `accept` asks for that. */
export const showing = (kind: Kind, accept = ''): Show => {
  const apiVersion = versionOf(kind)
  if (/as=PartialObjectMetadata/.test(accept))
    return ({ metadata }) => ({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata })
  return (object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion })
}

export const versionOf = ({ group, version }: Pick<Kind, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`

/** The objects that a list or a watch is about. */
export interface Selection {
  kind: Kind
  namespace: string | undefined
  query: URLSearchParams
  selects: (object: KubeObject) => boolean
  show: Show
}
