interface Group<T> {
  begun: Set<T>
  fresh: Set<T>
}

/**
 * A queue that takes groups in turn: many of one group do not hold up another. Within a group, those that have begun
 * come first, so that they are soon done. The others come in their order.
 */
export class Turns<T extends { readonly group: string }> {
  readonly #groups = new Map<string, Group<T>>()

  /** Adds one to the queue. One that waits already keeps its place. */
  add(one: T, begun = false): void {
    const group = this.#groups.get(one.group) ?? { begun: new Set(), fresh: new Set() }
    group[begun ? 'begun' : 'fresh'].add(one)
    this.#groups.set(one.group, group)
  }

  remove(one: T): void {
    const group = this.#groups.get(one.group)
    if (group === undefined) return
    group.begun.delete(one)
    group.fresh.delete(one)
    if (isEmpty(group)) this.#groups.delete(one.group)
  }

  has(one: T): boolean {
    const group = this.#groups.get(one.group)
    return group !== undefined && (group.begun.has(one) || group.fresh.has(one))
  }

  get empty(): boolean {
    return this.#groups.size === 0
  }

  /** Takes the one whose turn it is. Undefined if nobody waits. */
  next(): T | undefined {
    const [first] = this.#groups
    if (first === undefined) return undefined
    const [name, group] = first
    const [one] = group.begun.size > 0 ? group.begun : group.fresh
    this.#groups.delete(name)
    if (one === undefined) return undefined
    group.begun.delete(one)
    group.fresh.delete(one)
    if (!isEmpty(group)) this.#groups.set(name, group)
    return one
  }
}

const isEmpty = ({ begun, fresh }: Group<unknown>): boolean => begun.size === 0 && fresh.size === 0
