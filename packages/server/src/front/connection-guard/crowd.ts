import type { Census } from './decide-admission.ts'
import type { Step, Visitor } from './visitor.ts'

/** The connections that are in: strangers by age and by address, the others by key. */
export class Crowd<V extends Visitor> {
  readonly #strangers = new Set<V>()
  readonly #groups = new Map<string, Set<V>>()
  /** Connections by proven key, in the order of their handshakes. Strangers with a proven key are among them. */
  readonly #keys = new Map<string, Set<V>>()
  readonly #known = new Set<V>()

  census(group: string): Census {
    return {
      all: this.#strangers.size + this.#known.size,
      strangers: this.#strangers.size,
      strangersOfAddress: this.#groups.get(group)?.size ?? 0
    }
  }

  /** Adds the connection as a stranger, as every connection is at first. */
  add(visitor: V): void {
    this.#strangers.add(visitor)
    addTo(this.#groups, visitor.group, visitor)
  }

  remove(visitor: V): void {
    if (visitor.key !== undefined) removeFrom(this.#keys, visitor.key, visitor)
    this.#known.delete(visitor)
    this.#removeStranger(visitor)
  }

  /** Notes that the connection is at this step now. A stranger becomes the youngest again. */
  begin(visitor: V, step: Step, now: number): void {
    visitor.step = step
    visitor.since = now
    if (!this.#strangers.has(visitor)) return
    this.#removeStranger(visitor)
    this.add(visitor)
  }

  /** Notes that the connection has proven this key. */
  prove(visitor: V, key: string): void {
    visitor.key = key
    addTo(this.#keys, key, visitor)
  }

  setKnown(visitor: V, known: boolean): void {
    visitor.known = known
    if (known) {
      this.#removeStranger(visitor)
      this.#known.add(visitor)
    } else {
      this.#known.delete(visitor)
      this.add(visitor)
    }
  }

  /** Connections of a key, the oldest first. */
  ofKey(key: string): V[] {
    return [...(this.#keys.get(key) ?? [])]
  }

  /** The stranger whose step began first, or the first one in `group` if given. */
  oldest(group?: string): V | undefined {
    const [oldest] = group === undefined ? this.#strangers : (this.#groups.get(group) ?? [])
    return oldest
  }

  all(): V[] {
    return [...this.#strangers, ...this.#known]
  }

  strangers(): V[] {
    return [...this.#strangers]
  }

  #removeStranger(visitor: V): void {
    this.#strangers.delete(visitor)
    removeFrom(this.#groups, visitor.group, visitor)
  }
}

const addTo = <T>(sets: Map<string, Set<T>>, name: string, one: T): void => {
  const set = sets.get(name)
  if (set === undefined) sets.set(name, new Set([one]))
  else set.add(one)
}

const removeFrom = <T>(sets: Map<string, Set<T>>, name: string, one: T): void => {
  const set = sets.get(name)
  set?.delete(one)
  if (set?.size === 0) sets.delete(name)
}
