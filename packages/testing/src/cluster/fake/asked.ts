import { randomUUID } from 'node:crypto'
import { type FakeKubernetes, type KubeObject, wholeSeconds } from '@joinery/fake-kubernetes'
import { doorGroup, doorVersion, type Resource } from '@joinery/kube/door'
import { ProblemError } from '@joinery/protocol'
import type { CodeStatusView, DecisionStatus } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import type { AskedObjects, SeenObject } from '@joinery/server/testing/kubernetes-door'
import { type ApiAccess, apiClient, unlessAbsent } from '../world/api-client.ts'

/** An object as the API server has it. */
export interface AskedObject<Status> extends SeenObject {
  status?: Status
}
export type DecisionObject = AskedObject<DecisionStatus>
export type CodeObject = AskedObject<CodeStatusView>

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

/** Objects of one kind: the port, what operators and administrators do to them, and their bad days. */
export interface FakeAsked<Seen extends SeenObject, Status> extends AskedObjects<Seen, Status>, AskedWorld<Status> {
  /** Makes an object that definition or policy would refuse, as while they are gone. */
  slip(spec: object): AskedObject<Status>
  /** Puts an object back as etcd had it, as after a restore of etcd. */
  putBack(object: AskedObject<Status>): void
  /** Makes another version of an object, as somebody does who sets a label. */
  touch(name: string): void
  /** Writes the status, as somebody does while the policy that forbids it is gone. */
  editStatus(name: string, status: Status | undefined): void
  /** Takes the definition away, and all objects with it. Returns what makes the definition again. */
  lack(): () => void
  /** Holds back the answer to the next call of that name. */
  late(call: 'page' | 'settle' | 'delete'): LateAnswer
  /** Calls of the port so far, by name. */
  readonly calls: Readonly<Record<Call, number>>
}

type Call = 'page' | 'probe' | 'settle' | 'delete'

export interface FakeAskedParts {
  fake: FakeKubernetes
  access: ApiAccess
  administrator: { certificate: string; key: string }
}

const group = doorGroup
const definitions = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' }

/** The objects of one kind in a fake cluster. `nameOf`: name of a new object with this spec and this uid. */
export const fakeAsked = <Seen extends SeenObject, Status>(
  { fake, access, administrator }: FakeAskedParts,
  port: AskedObjects<Seen, Status>,
  { kind, plural, nameOf }: { kind: string; plural: Resource; nameOf(spec: object, uid: string): string }
): FakeAsked<Seen, Status> => {
  const resource = { group, plural }
  const path = `/apis/${group}/${doorVersion}/${plural}`
  const admin = apiClient(access, administrator)
  const calls = { page: 0, probe: 0, settle: 0, delete: 0 }
  const stored = (name: string): KubeObject | undefined => fake.objects.get(resource, name)
  const change = (name: string, changed: (object: KubeObject) => KubeObject): void => {
    const object = stored(name)
    if (object !== undefined) fake.objects.replace(resource, changed(object))
  }
  const held = new Map<string, (() => Promise<void>)[]>()
  const counted =
    <A extends unknown[], R>(name: Call, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls[name] += 1
      const result = await call(...args)
      await held.get(name)?.shift()?.()
      return result
    }
  return {
    ...port,
    page: counted('page', port.page),
    probe: counted('probe', port.probe),
    settle: counted('settle', port.settle),
    delete: counted('delete', port.delete),
    calls,
    create: async (spec, as = 'by' in spec ? String(spec.by) : '', chosen = undefined) => {
      const name = chosen ?? nameOf(spec, randomUUID())
      const body = { apiVersion: `${group}/${doorVersion}`, kind, metadata: { name }, spec }
      // operators have the right to it; an administrator takes their name
      const headers = { 'impersonate-user': as, 'impersonate-group': 'system:masters' }
      return seenAs(await admin.send<KubeObject>({ method: 'POST', path, body, headers }))
    },
    read: async (name) => {
      const object = await unlessAbsent(admin.get<KubeObject>(`${path}/${name}`))
      return object && seenAs(object)
    },
    remove: (name) => admin.delete(`${path}/${name}`),
    slip: (spec) => {
      const metadata = {
        name: nameOf(spec, randomUUID()),
        generation: 1,
        uid: '',
        resourceVersion: '',
        creationTimestamp: ''
      }
      return seenAs(fake.objects.create(resource, { apiVersion: `${group}/${doorVersion}`, kind, metadata, spec }))
    },
    putBack: ({ name, uid, generation, created, spec, status }) => {
      if (stored(name) !== undefined) fake.objects.delete(resource, name)
      fake.objects.putBack(resource, {
        apiVersion: `${group}/${doorVersion}`,
        kind,
        metadata: { name, uid, generation, creationTimestamp: wholeSeconds(created), resourceVersion: '' },
        spec,
        ...given({ status })
      })
    },
    touch: (name) =>
      change(name, ({ metadata, ...object }) => ({
        ...object,
        metadata: { ...metadata, labels: { ...metadata.labels, touched: randomUUID() } }
      })),
    editStatus: (name, status) => change(name, ({ status: _, ...object }) => ({ ...object, ...given({ status }) })),
    lack: () => {
      const name = `${plural}.${group}`
      const definition = fake.objects.get(definitions, name)
      if (definition === undefined) throw new Error(`there is no definition of ${name}`)
      fake.objects.delete(definitions, name)
      return () => void fake.objects.putBack(definitions, definition)
    },
    late: (name) => {
      const [answer, carriedOut] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
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
    }
  }
}

const seenAs = <Status>({ metadata, spec, status }: KubeObject): AskedObject<Status> => {
  const { name, uid, resourceVersion, generation = 1, creationTimestamp } = metadata
  const created = new Date(creationTimestamp)
  return { name, uid, resourceVersion, generation, created, spec, ...given({ status: status as Status | undefined }) }
}
