import type { FakeKubernetes, KubeObject } from '@joinery/fake-kubernetes'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { given } from '@joinery/protocol/given'
import type { ViewKind, Views } from '@joinery/server/testing/kubernetes-door'
import { type HeldUp, heldUpCalls } from './held-up.ts'
import type { ServerSide } from './server-side.ts'

/** The bad days of the objects, and what others do to them while the policy that forbids it is gone. */
export interface FakeViews extends Views {
  /** The statuses of the objects of this kind that have one, by name. */
  statuses(kind: ViewKind): Map<string, unknown>
  /** Number of writes that the API server took. */
  writes(): number
  editAsAdmin(kind: ViewKind, name: string, status: unknown, labels?: Record<string, string>, generation?: number): void
  deleteAsAdmin(kind: ViewKind, name: string): void
  /** Deletes the definitions, and all objects with them. Returns what makes the definitions again. */
  deleteDefinitions(): () => void
  /** Makes watches begin again, as after a 410. */
  breakWatches(): void
  /** Makes the API server take no status from now on, with this reason. Returns the undo. */
  refuse(reason: string): () => void
  /** Holds up the next call of that name on its way. */
  holdUp(call: 'put' | 'remove'): HeldUp
}

const definitions = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' }
const kinds = { enrolments: 'Enrolment', installations: 'Installation' } as const satisfies Record<ViewKind, string>
const resourceOf = (plural: ViewKind) => ({ group: doorGroup, plural })

/** The views of a fake cluster. `port`: those by the server's own credential. */
export const fakeViews = (fake: FakeKubernetes, { faults }: ServerSide, port: Views): FakeViews => {
  const { objects } = fake
  let writes = 0
  const counted = async <T>(write: Promise<T>, took: (result: T) => boolean): Promise<T> => {
    const result = await write
    if (took(result)) writes += 1
    return result
  }
  const held = heldUpCalls<'put' | 'remove'>()
  return {
    ...port,
    put: held.onItsWay('put', (...given) => counted(port.put(...given), (result) => 'version' in result)),
    remove: held.onItsWay('remove', (kind, name) => {
      const isThere = objects.get(resourceOf(kind), name) !== undefined
      return counted(port.remove(kind, name), () => isThere)
    }),
    holdUp: held.holdUp,
    statuses: (kind) =>
      new Map(
        objects
          .list(resourceOf(kind))
          .flatMap(({ metadata, status }) => (status === undefined ? [] : [[metadata.name, structuredClone(status)]]))
      ),
    writes: () => writes,
    editAsAdmin: (kind, name, status, labels = {}, generation) => {
      const before = objects.get(resourceOf(kind), name)
      const { metadata } = before ?? { metadata: { name, generation: 1 } }
      const next = {
        apiVersion: `${doorGroup}/${doorVersion}`,
        kind: kinds[kind],
        metadata: { ...metadata, labels, ...given({ generation }) },
        ...given({ status })
      } as KubeObject
      if (before === undefined) objects.create(resourceOf(kind), next)
      else objects.replace(resourceOf(kind), next)
    },
    deleteAsAdmin: (kind, name) => {
      if (objects.get(resourceOf(kind), name) !== undefined) objects.delete(resourceOf(kind), name)
    },
    deleteDefinitions: () => {
      const names = Object.keys(kinds).map((plural) => `${plural}.${doorGroup}`)
      const gone = names.flatMap((name) => objects.get(definitions, name) ?? [])
      for (const { metadata } of gone) objects.delete(definitions, metadata.name)
      return () => {
        for (const definition of gone) objects.putBack(definitions, definition)
      }
    },
    breakWatches: () => fake.api.watches.end(),
    refuse: (reason) =>
      faults.meet(async ({ method, url }, carryOut) => {
        const isStatus =
          method === 'PUT' && url.pathname.startsWith(`/apis/${doorGroup}/`) && url.pathname.endsWith('/status')
        return isStatus ? fake.api.refusal(422, 'Invalid', reason) : carryOut()
      })
  }
}
