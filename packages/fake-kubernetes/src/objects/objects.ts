import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from './kube-object.ts'
import { alreadyExists, notFound, type ResourceName, textOf } from './refused.ts'

/** One change, in the order in which it was committed. Its revision is the resource version of `object`. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** The resource, as `textOf` writes it. */
  resource: string
  object: KubeObject
  /** The object before the change. */
  before?: KubeObject
  revision: number
}

/** The most changes that are remembered. Over it the older half is forgotten, as by a compaction of etcd. */
const historyAtMost = 10_000

/** Everything that etcd holds. Each write is one revision, is whole, and wakes the followers once it is there. */
export class Objects {
  readonly #now: () => Date
  readonly #kept = new Map<string, Map<string, KubeObject>>()
  readonly #followers = new Set<(change: Change) => void>()
  #history: Change[] = []
  #revision = 1
  #oldest = 1

  constructor(now: () => Date) {
    this.#now = now
  }

  get revision(): number {
    return this.#revision
  }

  get<T extends KubeObject = KubeObject>(resource: ResourceName, name: string, namespace = ''): T | undefined {
    return this.#kept.get(textOf(resource))?.get(`${namespace}/${name}`) as T | undefined
  }

  /** Objects by namespace and name. */
  list<T extends KubeObject = KubeObject>(resource: ResourceName, namespace?: string): T[] {
    const all = [...(this.#kept.get(textOf(resource))?.entries() ?? [])]
    return all
      .filter(([key]) => namespace === undefined || key.startsWith(`${namespace}/`))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, object]) => object as T)
  }

  /** Adds the object, and gives it a UID, a creation time and a resource version. Throws `alreadyExists`. */
  create(resource: ResourceName, object: KubeObject): KubeObject {
    const creationTimestamp = wholeSeconds(this.#now())
    return this.putBack(resource, { ...object, metadata: { ...object.metadata, uid: randomUUID(), creationTimestamp } })
  }

  /** Adds the object as it was once, with its UID and its creation time. Throws `alreadyExists`. */
  putBack(resource: ResourceName, object: KubeObject): KubeObject {
    const { name, namespace } = object.metadata
    if (this.get(resource, name, namespace) !== undefined) throw alreadyExists(resource, name)
    return this.#commit('ADDED', resource, plain(object))
  }

  /** Puts the object in the place of the one with its name. One that is the same is no write. Throws `notFound`. */
  replace(resource: ResourceName, object: KubeObject): KubeObject {
    const { name, namespace } = object.metadata
    const before = this.get(resource, name, namespace)
    if (before === undefined) throw notFound(resource, name)
    const { uid, creationTimestamp, resourceVersion } = before.metadata
    const next = plain({ ...object, metadata: { ...object.metadata, uid, creationTimestamp, resourceVersion } })
    return isDeepStrictEqual(next, before) ? before : this.#commit('MODIFIED', resource, next, before)
  }

  /** Takes the object away, and returns it as its watchers see it last. Throws `notFound`. */
  delete(resource: ResourceName, name: string, namespace = ''): KubeObject {
    const before = this.get(resource, name, namespace)
    if (before === undefined) throw notFound(resource, name)
    return this.#commit('DELETED', resource, before, before)
  }

  /** Changes after that revision, oldest first. Undefined if some of them were forgotten. */
  changesAfter(revision: number): readonly Change[] | undefined {
    return revision < this.#oldest - 1 ? undefined : this.#history.filter((change) => change.revision > revision)
  }

  /** Forgets all changes so far, as a compaction of etcd does. */
  compact(): void {
    this.#history = []
    this.#oldest = this.#revision + 1
  }

  /** Calls `follower` after each change. Returns the end of that. */
  follow(follower: (change: Change) => void): () => void {
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }

  /** Everything as it is now. Objects are replaced, and never changed, so this costs little. */
  snapshot(): ReadonlyMap<string, ReadonlyMap<string, KubeObject>> {
    return new Map([...this.#kept].map(([resource, objects]) => [resource, new Map(objects)]))
  }

  /** Puts everything back as it was, resource versions too. Revisions go on, and no earlier change is known any more. */
  restore(snapshot: ReadonlyMap<string, ReadonlyMap<string, KubeObject>>): void {
    this.#kept.clear()
    for (const [resource, objects] of snapshot) {
      this.#kept.set(resource, new Map(objects))
      for (const { metadata } of objects.values())
        this.#revision = Math.max(this.#revision, Number(metadata.resourceVersion))
    }
    this.compact()
  }

  #commit(type: Change['type'], resource: ResourceName, object: KubeObject, before?: KubeObject): KubeObject {
    this.#revision += 1
    const resourceVersion = String(this.#revision)
    const committed = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion } })
    const { name, namespace = '' } = committed.metadata
    const key = textOf(resource)
    const kept = this.#kept.get(key) ?? new Map<string, KubeObject>()
    this.#kept.set(key, kept)
    if (type === 'DELETED') kept.delete(`${namespace}/${name}`)
    else kept.set(`${namespace}/${name}`, committed)
    const change = { type, resource: key, object: committed, ...(before && { before }), revision: this.#revision }
    this.#history.push(change)
    if (this.#history.length > historyAtMost) this.#forgetHalf()
    for (const follower of [...this.#followers]) follower(change)
    return committed
  }

  #forgetHalf(): void {
    this.#history = this.#history.slice(this.#history.length / 2)
    this.#oldest = this.#history[0]?.revision ?? this.#revision + 1
  }
}

/** The time as the API server writes most times: RFC 3339 in whole seconds. */
export const wholeSeconds = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z')

/** A copy of its own: what was read from outside may be changed by its owner, and undefined fields are no fields. */
const plain = (object: KubeObject): KubeObject => JSON.parse(JSON.stringify(object)) as KubeObject

const deepFreeze = <T>(value: T): T => {
  // what is frozen was committed before, with all its parts
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
