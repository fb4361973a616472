import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Write } from './kind.ts'

export interface Parts {
  /** The status is written by the subresource `status` alone. */
  hasStatus: boolean
  /** The object may be created with a status. */
  statusAtCreation?: boolean
  /** A write of the status may change labels and annotations too. */
  metadataByStatus?: boolean
  hasGeneration: boolean
}

/** Puts back what this write may not change, and counts the generation (apiserver, rest.BeforeCreate and rest.BeforeUpdate). */
export const settle = (next: KubeObject, { before, subresource }: Write, parts: Parts): void => {
  if (before === undefined) {
    if (parts.hasStatus && !parts.statusAtCreation) delete next.status
  } else if (subresource === 'status') keepStatusAlone(next, before, parts)
  else if (parts.hasStatus && subresource === '') put(next, 'status', before.status)
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, generation: ___, ...metadata } = next.metadata
  const { deletionTimestamp, deletionGracePeriodSeconds } = before?.metadata ?? {}
  next.metadata = {
    ...metadata,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
    ...(parts.hasGeneration && { generation: generationOf(next, before, parts) })
  }
}

const keepStatusAlone = (next: KubeObject, before: KubeObject, { metadataByStatus }: Parts): void => {
  const { status, metadata, apiVersion } = next
  const { managedFields, resourceVersion } = metadata
  const kept = { ...before.metadata, resourceVersion, ...(managedFields && { managedFields }) }
  for (const field of Object.keys(next)) delete next[field]
  Object.assign(next, before, { apiVersion, metadata: metadataByStatus ? metadata : kept })
  put(next, 'status', status)
}

const put = (object: KubeObject, field: string, value: unknown): void => {
  if (value === undefined) delete object[field]
  else object[field] = value
}

const generationOf = (next: KubeObject, before: KubeObject | undefined, parts: Parts): number => {
  const counted = ({ apiVersion: _, metadata: __, status, ...rest }: KubeObject) =>
    JSON.parse(JSON.stringify(parts.hasStatus ? rest : { ...rest, status })) as unknown
  if (before === undefined) return 1
  const { generation = 1 } = before.metadata
  return isDeepStrictEqual(counted(next), counted(before)) ? generation : generation + 1
}
