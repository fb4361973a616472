import { type Connection, type LiveConnection, read, statusOf } from '@joinery/kube'
import { doorGroup, doorVersion, type Resource } from '@joinery/kube/door'
import type { Policy } from '@joinery/kube/names'
import { given } from '@joinery/protocol/given'
import type { AskedObjects, ObjectPage, ProbeAnswer, SeenObject } from '../../../core/ports/objects/asked-objects.ts'
import { NotSetUp } from '../../../core/ports/objects/not-set-up.ts'
import { firstGeneration } from '../../../core/ports/objects/shown-objects.ts'
import type { Probe } from '../probes/probe.ts'
import { keepWatching, type Watching } from '../watch.ts'

/** A kind of objects by which operators ask for something. */
interface AskedKind<Seen extends SeenObject> {
  kind: string
  plural: Resource
  policy: Policy
  /** Requests that the policy of the kind must refuse. */
  probes: readonly Probe[]
  /** The object as the port gives it. */
  seen(object: SeenObject, status: unknown): Seen
  /** True if a change of the object is worth a look. */
  isNews(object: GivenObject, phase: string): boolean
}

/** The objects of this kind in a real cluster. */
export const kubernetesAsked = <Seen extends SeenObject, Status extends object>(
  live: LiveConnection,
  { kind, plural, policy, probes, seen, isNews }: AskedKind<Seen>
): AskedObjects<Seen, Status> => {
  const { call } = live
  const of = { group: doorGroup, version: doorVersion, plural }
  const may = <T>(work: () => Promise<T>): Promise<T> => ifSetUp(`${kind}s`, work)
  return {
    page: (limit, after, without = []) =>
      call(async ({ custom }) => {
        const fieldSelector = without.length === 0 ? undefined : without.map(isNotBy).join()
        const list = await may(async () => {
          try {
            return await custom.listClusterCustomObject({ ...of, limit, ...given({ _continue: after, fieldSelector }) })
          } catch (error) {
            const status = statusOf(error)
            if (status === 410) return undefined
            if (status === 400 && fieldSelector !== undefined) throw cannotSelect(`${kind}s`)
            throw status === 404 ? lacking(`${kind}s`) : error
          }
        })
        return list === undefined ? undefined : pageOf(list, seen)
      }),
    probe: () => call((api) => probe(api, probes)),
    guardedSince: () => call((api) => may(() => madeLast(api, policy))),
    settle: ({ name, uid, resourceVersion, spec }, status) =>
      call(({ custom }) =>
        may(() =>
          unlessChanged(async () => {
            const metadata = { name, uid, resourceVersion }
            const body = { apiVersion: `${doorGroup}/${doorVersion}`, kind, metadata, spec, status }
            const written: GivenObject = await custom.replaceClusterCustomObjectStatus({ ...of, name, body })
            return written.metadata?.resourceVersion ?? ''
          })
        )
      ),
    delete: async ({ name, uid }) => {
      await call(({ custom }) =>
        may(() =>
          unlessChanged(() => custom.deleteClusterCustomObject({ ...of, name, body: { preconditions: { uid } } }))
        )
      )
    },
    watch: (changed, signal) => watchAsked(plural, isNews, live, changed, signal)
  }
}

/** The later one of the times at which the policy and its binding were made. If one is missing: later than any time. */
const madeLast = async (api: Connection, name: Policy): Promise<Date> => {
  const kinds = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']
  const objects = await Promise.all(
    kinds.map((kind) => read(api, { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name } }))
  )
  const times = objects.map((object) => new Date(object?.metadata?.creationTimestamp ?? latest).getTime())
  return new Date(Math.max(...times))
}

/** The latest time that there is, in milliseconds since 1970 (ECMA-262). */
const latest = 8.64e15

const probe = async (api: Connection, probes: readonly Probe[]): Promise<ProbeAnswer> => {
  for (const { what, refusedBy, ask } of probes) {
    const refusal = await unlessUntried(() => ask(api))
    if (refusal === undefined) return { answer: 'allowed', words: `${what} is not refused` }
    if (refusedBy === undefined || !refusal.includes(refusedBy)) return { answer: 'unknown', words: refusal }
  }
  return { answer: 'refused' }
}

/** Asks. A webhook of the cluster that does not support dry run (400) refuses in words that prove nothing. */
const unlessUntried = async (ask: () => Promise<string | undefined>): Promise<string | undefined> => {
  try {
    return await ask()
  } catch (error) {
    if (statusOf(error) === 400) return 'the API server takes no dry run (400)'
    throw error
  }
}

const lacking = (plural: string): NotSetUp =>
  new NotSetUp(`the cluster has no ${plural}, for an earlier version set it up`)

/** The term of a field selector for objects by others than this user (apimachinery's fields.EscapeValue). */
const isNotBy = (user: string): string => `spec.by!=${user.replace(/[\\,=]/g, '\\$&')}`

const cannotSelect = (plural: string): NotSetUp =>
  new NotSetUp(`the cluster cannot list ${plural} without those of a user, for an earlier version set it up`)

/** Does `work`. A cluster of an earlier set-up gave the server no right to it (403). */
const ifSetUp = async <T>(plural: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (statusOf(error) !== 403) throw error
    throw new NotSetUp(`the server may not read or settle ${plural}, for an earlier version set the cluster up`)
  }
}

/** Does `write`. Undefined if the object has changed since it was read, or is gone. */
const unlessChanged = async <T>(write: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await write()
  } catch (error) {
    const status = statusOf(error)
    if (status === 404 || status === 409) return undefined
    throw error
  }
}

const pageOf = <Seen>(list: unknown, seen: (object: SeenObject, status: unknown) => Seen): ObjectPage<Seen> => {
  const { items = [], metadata } = list as { items?: GivenObject[]; metadata?: { continue?: string } }
  const next = metadata?.continue
  return {
    items: items.map((one) => seen(seenObject(one), one.status)),
    ...(next !== undefined && next !== '' && { next })
  }
}

const seenObject = ({ metadata = {}, spec }: GivenObject): SeenObject => ({
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
  resourceVersion: metadata.resourceVersion ?? '',
  generation: metadata.generation ?? firstGeneration,
  created: new Date(metadata.creationTimestamp ?? Number.NaN),
  spec
})

/** An object of the door as the API server gives it. */
interface GivenObject {
  metadata?: { name?: string; uid?: string; resourceVersion?: string; generation?: number; creationTimestamp?: string }
  spec?: unknown
  status?: unknown
}

interface Listed {
  metadata?: { resourceVersion?: string }
}

/** Watches objects of the door as `watch` does CSRs and Nodes, and calls `changed` if there may be something to do. */
const watchAsked = (
  plural: Resource,
  isNews: (object: GivenObject, phase: string) => boolean,
  watching: Watching,
  changed: () => void,
  signal: AbortSignal
): void => {
  const watched = {
    path: `/apis/${doorGroup}/${doorVersion}/${plural}`,
    position: async ({ custom }: Connection) => {
      const of = { group: doorGroup, version: doorVersion, plural }
      const list = (await custom.listClusterCustomObject({ ...of, limit: 1 })) as Listed
      return list.metadata?.resourceVersion ?? ''
    },
    isNews: (object: unknown, phase: string) => isNews(object ?? {}, phase),
    mayLack: true
  }
  void keepWatching(watched, watching, () => changed(), signal, 30_000)
}
