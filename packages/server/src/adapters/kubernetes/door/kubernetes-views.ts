import { type Connection, explain, pageSize, statusOf } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { NotSetUp, notServed } from '../../../core/ports/objects/not-set-up.ts'
import type { PutResult, ShownView, ViewKind, ViewPage, Views } from '../../../core/ports/objects/views.ts'
import type { Watching } from '../watch.ts'
import { foreignIn, shownView, type ViewObject } from './shown-view.ts'
import { watchViews } from './watch-views.ts'

interface ObjectList {
  items: ViewObject[]
  metadata?: { continue?: string }
}

const of = (plural: ViewKind) => ({ group: doorGroup, version: doorVersion, plural })

const kindOf = { enrolments: 'Enrolment', installations: 'Installation' } as const satisfies Record<ViewKind, string>

/** The views in a real cluster. */
export const kubernetesViews = (watching: Watching): Views => {
  const { connection } = watching
  const call = async <T>(work: (api: Connection) => Promise<T>): Promise<T> => {
    const api = connection()
    return explain(api.server, async () => {
      try {
        return await work(api)
      } catch (error) {
        if (statusOf(error) !== 403) throw error
        throw new NotSetUp('the server has no right to it (403)')
      }
    })
  }
  return {
    page: (kind, after) => call((api) => page(api, kind, after)),
    read: (kind, name) => call((api) => read(api, kind, name)),
    put: (kind, name, status, version) => call((api) => put(api, kind, name, status, version)),
    remove: (kind, name) => call((api) => remove(api, kind, name)),
    watch: (kind, seen, lost, signal) => watchViews(kind, watching, seen, lost, signal)
  }
}

const page = async (api: Connection, kind: ViewKind, after: string | undefined): Promise<ViewPage | undefined> => {
  try {
    const list: ObjectList = await api.custom.listClusterCustomObject({
      ...of(kind),
      limit: pageSize,
      ...given({ _continue: after })
    })
    const next = list.metadata?.continue || undefined
    return { items: list.items.map(shownView), ...given({ next }) }
  } catch (error) {
    if (statusOf(error) === 410) return undefined
    throw statusOf(error) === 404 ? notServed(kind) : error
  }
}

const read = async (api: Connection, kind: ViewKind, name: string): Promise<ShownView | undefined> => {
  try {
    return shownView(await api.custom.getClusterCustomObject({ ...of(kind), name }))
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

const put = async (
  api: Connection,
  kind: ViewKind,
  name: string,
  status: object,
  version: string | undefined
): Promise<PutResult> => {
  /** The object at that version, without anything of others in its metadata. */
  const at = (resourceVersion: string | undefined, more: object = {}) => {
    const metadata = { name, ...given({ resourceVersion }) }
    return {
      ...of(kind),
      name,
      body: { apiVersion: `${doorGroup}/${doorVersion}`, kind: kindOf[kind], metadata, ...more }
    }
  }
  const written = async (write: Promise<ViewObject>): Promise<string | undefined> =>
    (await write).metadata?.resourceVersion
  try {
    const seen = version ?? (await written(api.custom.createClusterCustomObject(at(undefined))))
    const shown: ViewObject = await api.custom.replaceClusterCustomObjectStatus(at(seen, { status }))
    const { resourceVersion = '' } = shown.metadata ?? {}
    if (foreignIn(shown.metadata) === undefined) return { version: resourceVersion }
    // the status is written apart from what somebody put into the metadata, which goes only with the object
    return { version: (await written(api.custom.replaceClusterCustomObject(at(resourceVersion)))) ?? '' }
  } catch (error) {
    const answer = statusOf(error)
    if (answer === 404 && version === undefined) throw notServed(kind)
    if (answer === 404 || answer === 409) return { conflict: true }
    if (answer === 400 || answer === 413 || answer === 422) return { refused: await reasonOf(api.server, error) }
    throw error
  }
}

const remove = async (api: Connection, kind: ViewKind, name: string): Promise<void> => {
  try {
    await api.custom.deleteClusterCustomObject({ ...of(kind), name })
  } catch (error) {
    if (statusOf(error) !== 404) throw error
  }
}

/** The API server's own words. */
const reasonOf = (server: string, error: unknown): Promise<string> =>
  explain(server, async () => Promise.reject(error)).catch((problem: unknown) =>
    problem instanceof ProblemError ? problem.message : String(problem)
  )
