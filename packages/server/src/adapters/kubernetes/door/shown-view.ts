import { hashOf } from '../../../core/ports/objects/hash-of.ts'
import { firstGeneration } from '../../../core/ports/objects/shown-objects.ts'
import type { ShownView } from '../../../core/ports/objects/views.ts'

/** An object of `joinery.dev` as the API server gives it. */
export interface ViewObject {
  metadata?: { name?: string; resourceVersion?: string; generation?: number } & Record<string, unknown>
  status?: unknown
}

/** Metadata that the server never writes. Whoever adds some has changed the object. */
const foreignFields = ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const

/** The object as the port gives it. */
export const shownView = ({ metadata = {}, status }: ViewObject): ShownView => {
  const { name = '', resourceVersion: version = '', generation = firstGeneration } = metadata
  return { name, version, generation, hash: hashOf(status, foreignIn(metadata)) }
}

/** Metadata by others. Undefined if there is none. */
export const foreignIn = (metadata: Record<string, unknown> = {}): object | undefined => {
  const foreign = foreignFields.filter((field) => Object.keys(metadata[field] ?? {}).length > 0)
  return foreign.length === 0 ? undefined : Object.fromEntries(foreign.map((field) => [field, metadata[field]]))
}
