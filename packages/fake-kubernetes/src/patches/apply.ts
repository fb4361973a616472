import type { KubeObject, ManagedFields } from '../objects/kube-object.ts'
import { wholeSeconds } from '../objects/objects.ts'
import { badRequest, Refused } from '../objects/refused.ts'
import { differenceOf, objectOf, type Paths, partsOf, pathsOf, pruned, statedIn } from './fields.ts'
import { entryOf, isSame, type Owning, withEntry, without } from './managed-fields.ts'
import { mergePatch } from './merge-patch.ts'

export { recordUpdate } from './managed-fields.ts'

/** A server-side apply. `current` is undefined if there is no object yet. Nulls in `applied` say nothing. */
export type Apply = Owning & { current: KubeObject | undefined; applied: KubeObject; force: boolean }

/** The object after the apply. Throws a conflict unless it is forced (structured-merge-diff, merge/update.go). */
export const apply = (write: Apply): KubeObject => {
  const { kind, current, applied, force, now } = write
  if (applied.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  const live = partsOf(kind, current ?? {})
  const config = partsOf(kind, mergePatch({}, applied) as KubeObject)
  const entry = entryOf(write, 'Apply', applied.apiVersion)
  const entries = current?.metadata.managedFields ?? []
  const last = entries.find((other) => isSame(entry, other))
  const others = entries.filter((other) => other !== last)
  const own = statedIn(config)
  const owned = others.reduce((all, { fieldsV1 }) => all.union(pathsOf(fieldsV1)), own)
  const left = pathsOf(last?.fieldsV1 ?? {}).difference(owned)
  const next = pruned(new Map([...live, ...config]), left)
  const [set, changed] = differenceOf(live, next)
  if (!force) judge(others, set)
  const time = changed.size > 0 ? wholeSeconds(now) : last?.time
  const timed = time === undefined ? entry : { ...entry, time }
  const object = objectOf(next) as KubeObject
  const managedFields = withEntry(without(others, changed), timed, own)
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

const judge = (others: readonly ManagedFields[], set: Paths): void => {
  const conflicts = others.flatMap((entry) => {
    const paths = [...pathsOf(entry.fieldsV1).intersection(set)].sort()
    return paths.map((path) => ({
      message: `conflict with ${textOf(entry)}`,
      field: path.split('\n').map(elementText).join('')
    }))
  })
  if (conflicts.length === 0) return
  const groups = Map.groupBy(conflicts, ({ message }) => message.replace('conflict', 'conflicts'))
  const lines = [...groups].flatMap(([who, all]) => [`${who}:`, ...all.map(({ field }) => `- ${field}`)])
  const one = conflicts.map(({ message, field }) => `${message}: ${field}`).join()
  const words = conflicts.length === 1 ? `1 conflict: ${one}` : `${conflicts.length} conflicts: ${lines.join('\n')}`
  const causes = conflicts.map((conflict) => ({ reason: 'FieldManagerConflict', ...conflict }))
  throw new Refused(409, 'Conflict', `Apply failed with ${words}`, { causes })
}

const textOf = ({ manager, subresource, operation, apiVersion }: ManagedFields): string => {
  const of = subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`
  return `${JSON.stringify(manager)}${of}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}

/** Text of an element of a path: `.image`, `[name="a"]` or `[="a"]`. */
const elementText = (element: string): string => {
  const rest = element.slice(2)
  if (!element.startsWith('k:')) return element.startsWith('f:') ? `.${rest}` : `[=${rest}]`
  const keys = Object.entries(JSON.parse(rest) as object)
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join()}]`
}
