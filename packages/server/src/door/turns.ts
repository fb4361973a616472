interface Group<T> {
  begun: Set<T>
  fresh: Set<T>
}

/**
 * A queue that takes groups in turn: many of one group hold up no other. Of each group those come first that have begun, so that
 * what was begun is soon done, and otherwise who came first.
 */
export class Turns<T extends { readonly group: string }> {
  readonly #groups = new Map<string, Group<T>>()

  /** Who waits already keeps the place. */
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

  /** Whose turn it is; undefined where nobody waits. */
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
