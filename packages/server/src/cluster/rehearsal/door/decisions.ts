import { randomUUID } from 'node:crypto'
import { answered } from '@joinery/kube'
import { decisionPolicy } from '@joinery/kube/names'
import { ProblemError } from '@joinery/protocol'
import type { DecisionStatus } from '@joinery/protocol/door'
import type { Clock } from '../../../base/clock.ts'
import type { Decisions, SeenDecision } from '../../../kubernetes-door/decisions/decisions.ts'
import { NotSetUp } from '../../../kubernetes-door/not-set-up.ts'
import { Refusal } from '../cluster-world.ts'
import type { State } from '../state.ts'
import { wholeSeconds } from '../whole-seconds.ts'

/** A Decision as the API server has it. */
export interface DecisionObject extends Omit<SeenDecision, 'isSettled'> {
  status?: DecisionStatus
}

/** Acts of operators and administrators on Decisions. */
export interface DecisionsWorld {
  /** Makes a Decision as this user. The policy refuses another `by`. Returns what was made. */
  create(spec: object, as?: string): Promise<DecisionObject>
  /** The Decision of that name as it is now. */
  read(name: string): Promise<DecisionObject | undefined>
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

export interface RehearsalDecisions extends Decisions, DecisionsWorld {
  /** Puts a Decision back as etcd had it, as after a restore of etcd. */
  putBack(object: DecisionObject): void
  /** Makes another version of a Decision, as somebody does who sets a label. */
  touch(name: string): void
  /** Takes the CustomResourceDefinition away, as in a cluster of an earlier set-up. Returns the undo. */
  lack(): () => void
  /** Holds back the answer to the next call of that name. */
  late(call: 'page' | 'settle'): LateAnswer
  /** Calls of the port so far, by name. */
  readonly calls: Readonly<Record<'page' | 'probe' | 'settle' | 'delete', number>>
}

/** Decisions in memory, in the rehearsal cluster: they are out of reach, or unguarded, whenever that cluster is. */
export const rehearsalDecisions = (state: State, clock: Clock): RehearsalDecisions => {
  const objects = new Map<string, DecisionObject>()
  const lists = new Map<string, { items: DecisionObject[]; moment: number }>()
  const watch = new EventTarget()
  const calls = { page: 0, probe: 0, settle: 0, delete: 0 }
  const held = new Map<string, (() => Promise<void>)[]>()
  let isLacking = false
  let versions = 0

  const call = async <T>(name: keyof typeof calls, answer: () => T): Promise<T> => {
    calls[name] += 1
    if (!state.reachable) throw new ProblemError('cluster-unavailable', { detail: 'connection refused' })
    const { overload } = state
    if (overload !== undefined) {
      throw answered(overload.status, overload.message, { retryAfter: overload.retryAfter?.toString() })
    }
    state.answered = true
    if (isLacking && name !== 'probe') throw new NotSetUp('the cluster has no Decisions')
    const result = answer()
    await held.get(name)?.shift()?.()
    return result
  }
  const isGuarded = (): boolean => !state.unbound.has(decisionPolicy)
  const isSame = ({ name, uid }: Pick<SeenDecision, 'name' | 'uid'>): boolean => objects.get(name)?.uid === uid
  const write = (object: DecisionObject): DecisionObject => {
    versions += 1
    const written = { ...object, resourceVersion: String(versions) }
    objects.set(object.name, written)
    if (object.status === undefined) {
      setImmediate(() => {
        if (state.reachable && !state.silent) watch.dispatchEvent(new Event('change'))
      })
    }
    return structuredClone(written)
  }

  return {
    page: (limit, after) =>
      call('page', () => {
        const [list = '', from = '0'] = after?.split('/') ?? [randomUUID()]
        if (after === undefined) lists.set(list, { items: [...objects.values()], moment: state.listsForgotten })
        const known = lists.get(list)
        if (known === undefined || known.moment !== state.listsForgotten) return undefined
        const end = Number(from) + limit
        const items = known.items.slice(Number(from), end).map(seen)
        return { items, ...(end < known.items.length && { next: `${list}/${end}` }) }
      }),
    probe: () =>
      call('probe', () => {
        if (isLacking) return { answer: 'unknown', words: 'the CustomResourceDefinition is missing' }
        return isGuarded() ? { answer: 'refused' } : { answer: 'allowed', words: 'a Decision by nobody is not refused' }
      }),
    settle: (decision, status) =>
      call('settle', () => {
        const object = objects.get(decision.name)
        if (object === undefined || !isSame(decision)) return false
        if (object.resourceVersion !== decision.resourceVersion) return false
        write({ ...object, status: structuredClone(status) })
        return true
      }),
    delete: (decision) =>
      call('delete', () => {
        if (isSame(decision)) objects.delete(decision.name)
      }),
    watch: (changed, signal) => {
      watch.addEventListener('change', changed)
      signal.addEventListener('abort', () => watch.removeEventListener('change', changed), { once: true })
      changed()
    },
    create: async (spec, as = 'by' in spec ? String(spec.by) : '') => {
      if (isGuarded() && (!('by' in spec) || spec.by !== as)) {
        throw new Refusal(403, `ValidatingAdmissionPolicy '${decisionPolicy}': a decision names who made it: ${as}`)
      }
      const uid = randomUUID()
      return write({ name: `d-${uid}`, uid, resourceVersion: '', created: wholeSeconds(clock.now()), spec })
    },
    read: async (name) => structuredClone(objects.get(name)),
    remove: async (name) => void objects.delete(name),
    putBack: (object) => void write(object),
    touch: (name) => {
      const object = objects.get(name)
      if (object !== undefined) write(object)
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

const seen = ({ status, ...object }: DecisionObject): SeenDecision => ({
  ...structuredClone(object),
  isSettled: status !== undefined
})
