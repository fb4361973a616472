import { hashOf } from '../../../kubernetes-door/hash-of.ts'
import type { ShownView } from '../../../kubernetes-door/views.ts'

/** An object of `joinery.dev` as the API server gives it. */
export interface ViewObject {
  metadata?: { name?: string; resourceVersion?: string } & Record<string, unknown>
  status?: unknown
}

/** Metadata that the server never writes. Whoever adds some has changed the object. */
const foreignFields = ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const

/** The object as the port gives it. */
export const shownView = ({ metadata = {}, status }: ViewObject): ShownView => {
  const foreign = foreignFields.filter((field) => Object.keys(metadata[field] ?? {}).length > 0)
  const more = foreign.length === 0 ? undefined : Object.fromEntries(foreign.map((field) => [field, metadata[field]]))
  return { name: metadata.name ?? '', version: metadata.resourceVersion ?? '', hash: hashOf(status, more) }
}
