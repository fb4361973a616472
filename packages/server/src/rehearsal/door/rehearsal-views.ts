import { answered, pageSize } from '@joinery/kube'
import { doorGroup } from '@joinery/kube/door'
import { EnrolmentView, InstallationView, installationName } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { Compile } from 'typebox/compile'
import { NotSetUp, notServed } from '../../core/ports/objects/not-set-up.ts'
import type { PutResult, ShownView, ViewKind, Views } from '../../core/ports/objects/views.ts'
import { type HeldUp, heldUpCalls } from '../held-up.ts'
import { type ApiRequest, serverAuthorizer } from '../refusals/authorizer.ts'
import type { RehearsalRights } from '../rehearsal-port.ts'
import { keyOf, type State } from '../state.ts'
import { ViewObjects } from './view-objects.ts'

/** The bad days of the objects, and what others do to them while the policy that forbids it is gone. */
export interface RehearsalViews extends Views {
  /** The statuses of all objects of this kind, by name. */
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

const schemas = { enrolments: Compile(EnrolmentView), installations: Compile(InstallationView) } as const

/** The views in memory. test/contract/views-contract.ts holds for them and for the real ones. */
export const rehearsalViews = (state: State, { secrets, serving = false }: RehearsalRights): RehearsalViews => {
  const objects = new ViewObjects(state)
  /** Lists that somebody reads page by page, by what their next page is called. */
  const lists = new Map<string, { rest: ShownView[]; moment: number }>()
  let [defined, refusal, writes, listed] = [true, undefined as string | undefined, 0, 0]
  const isAllowed = serverAuthorizer(secrets ? 'token' : 'certificate', { serving }, (binding) =>
    state.bindingsGone.has(keyOf(binding))
  )
  const call = async <T>(kind: ViewKind, verb: string, name: string | undefined, answer: () => T): Promise<T> => {
    const { reachable, overload } = state
    if (!reachable) throw answered(503, 'connection refused')
    if (overload !== undefined) {
      throw answered(overload.status, overload.message, { retryAfter: overload.retryAfter?.toString() })
    }
    const request: ApiRequest = { verb, group: doorGroup, resource: kind, ...given({ name }) }
    if (!isAllowed(request)) throw new NotSetUp('the server has no right to it (403)')
    return answer()
  }
  const requireDefined = (kind: ViewKind): void => {
    if (!defined) throw notServed(kind)
  }

  /** Reason for which the API server does not take the write. A new object is made first, and then its status is written. */
  const reasonAgainst = (kind: ViewKind, name: string, isNew: boolean, status: object): string | undefined => {
    if (kind === 'installations' && name !== installationName) return 'it is invalid (422)'
    if (isNew) objects.write(kind, name, undefined)
    return refusal ?? (schemas[kind].Check(status) ? undefined : 'it is invalid (422)')
  }

  const port: Views = {
    page: (kind, after) =>
      call(kind, 'list', undefined, () => {
        requireDefined(kind)
        const all = [...objects.of(kind).keys()].sort().flatMap((name) => objects.shown(kind, name) ?? [])
        const list = after === undefined ? { rest: all, moment: state.listsForgotten } : lists.get(after)
        lists.delete(after ?? '')
        if (list === undefined || list.moment !== state.listsForgotten) return undefined
        const items = list.rest.slice(0, pageSize)
        if (list.rest.length <= pageSize) return { items }
        listed += 1
        const next = String(listed)
        lists.set(next, { rest: list.rest.slice(pageSize), moment: list.moment })
        return { items, next }
      }),

    read: (kind, name) => call(kind, 'get', name, () => (defined ? objects.shown(kind, name) : undefined)),

    put: (kind, name, status, version) =>
      call(kind, version === undefined ? 'create' : 'update', version && name, (): PutResult => {
        if (version === undefined) requireDefined(kind)
        const there = objects.of(kind).get(name)
        if (version === undefined ? there !== undefined : String(there?.version) !== version) return { conflict: true }
        const reason = reasonAgainst(kind, name, version === undefined, status)
        if (reason !== undefined) return { refused: reason }
        writes += 1
        return { version: objects.write(kind, name, status).version }
      }),

    remove: (kind, name) =>
      call(kind, 'delete', name, () => {
        if (objects.of(kind).has(name)) writes += 1
        objects.delete(kind, name)
      }),

    watch: (kind, seen, lost, signal) => {
      objects.listen(kind, seen, signal)
      const begin = (): void => {
        if (state.reachable && !state.silent) lost()
      }
      state.watch.addEventListener('lost', begin)
      signal.addEventListener('abort', () => state.watch.removeEventListener('lost', begin), { once: true })
      setImmediate(begin)
    }
  }
  const held = heldUpCalls<'put' | 'remove'>()
  return {
    ...port,
    put: held.onItsWay('put', port.put),
    remove: held.onItsWay('remove', port.remove),
    holdUp: held.holdUp,
    statuses: (kind) => new Map([...objects.of(kind)].map(([name, { status }]) => [name, structuredClone(status)])),
    writes: () => writes,
    editAsAdmin: (kind, name, status, labels, generation) => void objects.write(kind, name, status, labels, generation),
    deleteAsAdmin: (kind, name) => objects.delete(kind, name),
    deleteDefinitions: () => {
      defined = false
      for (const kind of ['enrolments', 'installations'] as const) {
        for (const name of [...objects.of(kind).keys()]) objects.delete(kind, name)
      }
      return () => {
        defined = true
      }
    },
    breakWatches: () => void state.watch.dispatchEvent(new Event('lost')),
    refuse: (reason) => {
      refusal = reason
      return () => {
        refusal = undefined
      }
    }
  }
}
