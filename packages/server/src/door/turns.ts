/** A queue that takes groups in turn, and of each group first who came first: many of one group hold up no other. */
export class Turns<T extends { readonly group: string }> {
  readonly #groups = new Map<string, Set<T>>()

  /** Who waits already keeps the place. */
  add(one: T): void {
    const group = this.#groups.get(one.group)
    if (group === undefined) this.#groups.set(one.group, new Set([one]))
    else group.add(one)
  }

  remove(one: T): void {
    const group = this.#groups.get(one.group)
    group?.delete(one)
    if (group?.size === 0) this.#groups.delete(one.group)
  }

  get empty(): boolean {
    return this.#groups.size === 0
  }

  /** Whose turn it is; undefined where nobody waits. */
  next(): T | undefined {
    const [first] = this.#groups
    if (first === undefined) return undefined
    const [name, group] = first
    const [one] = group
    this.#groups.delete(name)
    if (one === undefined) return undefined
    group.delete(one)
    if (group.size > 0) this.#groups.set(name, group)
    return one
  }
}
