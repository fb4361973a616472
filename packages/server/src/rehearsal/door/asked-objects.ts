import { randomUUID } from 'node:crypto'
import { answered } from '@joinery/kube'
import type { Policy } from '@joinery/kube/names'
import { ProblemError } from '@joinery/protocol'
import type { Clock } from '../../core/base/clock.ts'
import type { AskedObjects, SeenObject } from '../../core/ports/objects/asked-objects.ts'
import { makerOf } from '../../core/ports/objects/in-turns.ts'
import { NotSetUp } from '../../core/ports/objects/not-set-up.ts'
import { firstGeneration } from '../../core/ports/objects/shown-objects.ts'
import { Refusal } from '../cluster-world.ts'
import type { State } from '../state.ts'
import { wholeSeconds } from '../whole-seconds.ts'

/** An object as the API server has it. */
export interface AskedObject<Status> extends SeenObject {
  status?: Status
}

/** Acts of operators and administrators on the objects of one kind. */
export interface AskedWorld<Status> {
  /** Makes an object as this user, by a name that the user chose or the kind. The policy refuses another `by`. Returns what was made. */
  create(spec: object, as?: string, name?: string): Promise<AskedObject<Status>>
  /** The object of that name as it is now. */
  read(name: string): Promise<AskedObject<Status> | undefined>
  remove(name: string): Promise<void>
}

/** A call of the port whose answer stays on its way. */
export interface LateAnswer {
  /** Resolves when the API server has carried out the call. */
  readonly carriedOut: Promise<void>
  /** Lets the answer arrive. */
  arrive(): void
  /** Loses the answer: the caller hears that there was none. */
  lose(): void
}

export interface RehearsalAsked<Seen extends SeenObject, Status>
  extends AskedObjects<Seen, Status>,
    AskedWorld<Status> {
  /** Puts an object back as etcd had it, as after a restore of etcd. */
  putBack(object: AskedObject<Status>): void
  /** Makes another version of an object, as somebody does who sets a label. */
  touch(name: string): void
  /** Writes the status, as somebody does while the policy that forbids it is gone. */
  editStatus(name: string, status: Status | undefined): void
  /** Takes the CustomResourceDefinition away, as in a cluster of an earlier set-up. Returns the undo. */
  lack(): () => void
  /** Holds back the answer to the next call of that name. */
  late(call: 'page' | 'settle' | 'delete'): LateAnswer
  /** Calls of the port so far, by name. */
  readonly calls: Readonly<Record<Call, number>>
}

type Call = 'page' | 'probe' | 'settle' | 'delete'

export interface RehearsalKind<Seen extends SeenObject, Status> {
  kind: string
  policy: Policy
  /** Name of a new object with this spec and this uid. */
  nameOf(spec: object, uid: string): string
  /** The object as the port gives it. */
  seen(object: SeenObject, status: Status | undefined): Seen
  /** True if a watch that heeds only what is worth a look tells of the change. */
  isNews(object: AskedObject<Status>, phase: 'MODIFIED' | 'DELETED'): boolean
}

/** Objects of one kind in memory, in the rehearsal cluster: out of reach, or unguarded, whenever that cluster is. */
export const rehearsalAsked = <Seen extends SeenObject, Status>(
  state: State,
  clock: Clock,
  { kind, policy, nameOf, seen, isNews }: RehearsalKind<Seen, Status>
): RehearsalAsked<Seen, Status> => {
  type Stored = AskedObject<Status>
  const objects = new Map<string, Stored>()
  const lists = new Map<string, { items: Stored[]; moment: number }>()
  const watch = new EventTarget()
  const calls = { page: 0, probe: 0, settle: 0, delete: 0 }
  const held = new Map<string, (() => Promise<void>)[]>()
  let isLacking = false
  let versions = 0

  const call = async <T>(name: Call, answer: () => T): Promise<T> => {
    calls[name] += 1
    if (!state.reachable) throw new ProblemError('cluster-unavailable', { detail: 'connection refused' })
    const { overload } = state
    if (overload !== undefined) {
      throw answered(overload.status, overload.message, { retryAfter: overload.retryAfter?.toString() })
    }
    state.answered = true
    if (isLacking && name !== 'probe') throw new NotSetUp(`the cluster has no ${kind}s`)
    const result = answer()
    await held.get(name)?.shift()?.()
    return result
  }
  const isGuarded = (): boolean => !state.unbound.has(policy)
  const isSame = ({ name, uid }: Pick<SeenObject, 'name' | 'uid'>): boolean => objects.get(name)?.uid === uid
  const tell = (): void => {
    setImmediate(() => {
      if (state.reachable && !state.silent) watch.dispatchEvent(new Event('change'))
    })
  }
  const write = (object: Stored): Stored => {
    versions += 1
    const written = { ...object, resourceVersion: String(versions) }
    objects.set(object.name, written)
    if (isNews(written, 'MODIFIED')) tell()
    return structuredClone(written)
  }
  const remove = (name: string): void => {
    const object = objects.get(name)
    if (object !== undefined && objects.delete(name) && isNews(object, 'DELETED')) tell()
  }
  const toSeen = ({ status, ...object }: Stored): Seen => seen(structuredClone(object), structuredClone(status))

  return {
    page: (limit, after, without = []) =>
      call('page', () => {
        const [list = '', from = '0'] = after?.split('/') ?? [randomUUID()]
        if (after === undefined) {
          const items = [...objects.values()].filter((object) => !without.includes(makerOf(object)))
          lists.set(list, { items, moment: state.listsForgotten })
        }
        const known = lists.get(list)
        if (known === undefined || known.moment !== state.listsForgotten) return undefined
        const end = Number(from) + limit
        const items = known.items.slice(Number(from), end).map(toSeen)
        return { items, ...(end < known.items.length && { next: `${list}/${end}` }) }
      }),
    probe: () =>
      call('probe', () => {
        if (isLacking) return { answer: 'unknown', words: 'the CustomResourceDefinition is missing' }
        return isGuarded() ? { answer: 'refused' } : { answer: 'allowed', words: `a ${kind} by nobody is not refused` }
      }),
    // with the probe it is one question
    guardedSince: async () => state.boundSince.get(policy) ?? new Date(0),
    settle: (seen, status) =>
      call('settle', () => {
        const object = objects.get(seen.name)
        if (object === undefined || !isSame(seen) || object.resourceVersion !== seen.resourceVersion) return undefined
        return write({ ...object, status: structuredClone(status) }).resourceVersion
      }),
    delete: (seen) =>
      call('delete', () => {
        if (isSame(seen)) remove(seen.name)
      }),
    watch: (changed, signal) => {
      watch.addEventListener('change', changed)
      signal.addEventListener('abort', () => watch.removeEventListener('change', changed), { once: true })
      changed()
    },
    create: async (spec, as = 'by' in spec ? String(spec.by) : '', chosen = undefined) => {
      if (isGuarded() && (!('by' in spec) || spec.by !== as)) {
        const words = `a ${kind.toLowerCase()} names who made it: ${as}`
        throw new Refusal(403, `ValidatingAdmissionPolicy '${policy}': ${words}`)
      }
      const uid = randomUUID()
      const name = chosen ?? nameOf(spec, uid)
      if (objects.has(name)) throw new Refusal(409, `"${name}" already exists`)
      return write({
        name,
        uid,
        resourceVersion: '',
        generation: firstGeneration,
        created: wholeSeconds(clock.now()),
        spec
      })
    },
    read: async (name) => structuredClone(objects.get(name)),
    remove: async (name) => remove(name),
    putBack: (object) => void write(object),
    touch: (name) => {
      const object = objects.get(name)
      if (object !== undefined) write(object)
    },
    editStatus: (name, status) => {
      const { status: _, ...object } = objects.get(name) ?? {}
      if ('uid' in object) write({ ...object, ...(status !== undefined && { status }) } as Stored)
    },
    lack: () => {
      isLacking = true
      return () => {
        isLacking = false
      }
    },
    late: (name) => {
      const carriedOut = Promise.withResolvers<void>()
      const answer = Promise.withResolvers<void>()
      const hold = (): Promise<void> => {
        carriedOut.resolve()
        return answer.promise
      }
      held.set(name, [...(held.get(name) ?? []), hold])
      return {
        carriedOut: carriedOut.promise,
        arrive: answer.resolve,
        lose: () => answer.reject(new ProblemError('cluster-unavailable', { detail: 'no answer within 10 s' }))
      }
    },
    calls
  }
}
