import type { Kind } from '../kinds/kind.ts'
import type { KubeObject, ManagedFields } from '../objects/kube-object.ts'
import { wholeSeconds } from '../objects/objects.ts'
import { differenceOf, fieldsOf, type Paths, partsOf, pathsOf } from './fields.ts'

/** A write by somebody who then owns fields. `subresource` is empty for the object itself. */
export interface Owning {
  kind: Kind
  manager: string
  now: Date
  subresource: string
}

/** Managed fields of `next`, as it is to be stored. Empty ones forget all owners until somebody applies (util/managedfields). */
export const recordUpdate = (write: Owning & { before: KubeObject | undefined; next: KubeObject }): ManagedFields[] => {
  const { kind, before, next, now, subresource } = write
  const sent = subresource === '' ? next.metadata.managedFields : undefined
  const isReset = sent?.every((entry) => Object.keys(entry).length === 0)
  const entries = isReset ? [] : (sent ?? before?.metadata.managedFields ?? [])
  if (before !== undefined && entries.length === 0) return []
  const [set, changed] = differenceOf(partsOf(kind, before ?? {}), partsOf(kind, next))
  const left = without(entries, changed)
  if (set.size === 0) return left
  const entry = entryOf(write, 'Update', next.apiVersion)
  const earlier = left.find((other) => isSame(entry, other))
  return withEntry(left, { ...entry, time: wholeSeconds(now) }, set.union(pathsOf(earlier?.fieldsV1 ?? {})))
}

/** An entry without fields. */
export const entryOf = ({ manager, subresource }: Owning, operation: 'Apply' | 'Update', apiVersion: string) => {
  const entry: ManagedFields = { manager, operation, apiVersion, fieldsType: 'FieldsV1', fieldsV1: {} }
  return subresource === '' ? entry : { ...entry, subresource }
}

/** True for entries of one owner. One that applies is the same at each version. */
export const isSame = (one: ManagedFields, other: ManagedFields): boolean => ownerOf(one) === ownerOf(other)

const ownerOf = ({ manager, operation, apiVersion, subresource }: ManagedFields): string =>
  [manager, operation, operation === 'Update' && apiVersion, subresource].join('\0')

/** The entries, with this one in place of the earlier one of its owner, in the order of the API server. */
export const withEntry = (entries: readonly ManagedFields[], entry: ManagedFields, paths: Paths): ManagedFields[] => {
  const rank = (one: ManagedFields) => [one.operation, one.time, one.manager].join('\0')
  const own = paths.size === 0 ? [] : [{ ...entry, fieldsV1: fieldsOf(paths) }]
  const all = [...entries.filter((other) => !isSame(entry, other)), ...own]
  return all.sort((one, other) => (rank(one) < rank(other) ? -1 : 1))
}

/** The entries without these paths. An entry that has no others goes. */
export const without = (entries: readonly ManagedFields[], paths: Paths): ManagedFields[] =>
  entries.flatMap((entry) => {
    const left = pathsOf(entry.fieldsV1).difference(paths)
    return left.size === 0 ? [] : [{ ...entry, fieldsV1: fieldsOf(left) }]
  })
