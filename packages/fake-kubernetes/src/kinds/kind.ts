import type { KubeObject } from '../objects/kube-object.ts'
import type { Fault, ResourceName } from '../objects/refused.ts'

/** One version of one resource, and what the API server knows about its objects. */
export interface Kind extends ResourceName {
  version: string
  kind: string
  singular: string
  shortNames?: readonly string[]
  categories?: readonly string[]
  namespaced: boolean
  /** Subresources that are served: `status`, `approval`, `token`, `eviction`. */
  subresources: readonly string[]
  /** Verbs of the resource. */
  verbs: readonly string[]
  /**
   * Makes `next` what a write may make of it, before admission: defaults of absent fields, the fields that this subresource may not
   * write as they were, the generation. It changes `next`. `before` is absent for a new object.
   */
  prepare(next: KubeObject, write: Write): void
  /** Paths of the fields that the API server does not know, in an object as it was sent. Absent if it is not known which fields there are. */
  unknown?(sent: KubeObject): string[]
  /** Faults of `next`, after admission. */
  judge(next: KubeObject, write: Write): Fault[]
  /** Values by which field selectors select, beside name and namespace. */
  selectable: Readonly<Record<string, (object: KubeObject) => string>>
  /**
   * Keys of lists whose items merge in a strategic merge patch and in server-side apply, by path: `spec.containers.env` to `['name']`.
   * No keys: it is a set of plain values.
   */
  mergeKeys: Readonly<Record<string, readonly string[]>>
}

/** A write as a kind sees it. */
export interface Write {
  before?: KubeObject
  /** Empty for the object itself. */
  subresource: string
  now: Date
  user: {
    username: string
    uid?: string
    groups: readonly string[]
    extra: Readonly<Record<string, readonly string[]>>
  }
}

/** Verbs of each resource that is here. */
export const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const
