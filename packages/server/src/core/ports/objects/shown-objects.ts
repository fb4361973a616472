import type { ShownView } from './views.ts'

interface Known {
  version: string
  generation: number
  hash: string
  /** The look at all objects in which it was seen, or written, last. */
  look: number
}

/** Generation that the API server gives to a new object. */
export const firstGeneration = 1

/**
 * Hash and version of each object of one kind, as far as the server knows what the cluster shows. What arrives late, from a list
 * or from a watch, never takes the place of what is newer.
 */
export class ShownObjects {
  readonly #known = new Map<string, Known>()
  /** Objects of which the watch told since the present look began: the list is of an earlier moment. */
  readonly #told = new Set<string>()
  #look = 0

  get(name: string): Pick<Known, 'version' | 'generation' | 'hash'> | undefined {
    return this.#known.get(name)
  }

  /** Begins a look at all objects. */
  begin(): void {
    this.#look += 1
    this.#told.clear()
  }

  /** Takes over an object of a list. True if the object is not as it was known to be. */
  listed(view: ShownView): boolean {
    if (this.#told.has(view.name)) return false
    const isOlder = this.#known.get(view.name)?.look !== this.#look
    // versions go back if somebody restores etcd: a list counts, but for what was written since it began
    return this.#take(view, isOlder)
  }

  /** Takes over what the watch tells. True if the object is not as it was known to be. */
  told(view: ShownView): boolean {
    this.#told.add(view.name)
    return this.#take(view, false)
  }

  /** Takes over an object as it was read after a conflict. Undefined if there is none. */
  read(name: string, view: ShownView | undefined): void {
    this.#known.delete(name)
    if (view !== undefined) this.#take(view, true)
  }

  /** Takes over what the server itself wrote, unless something newer is known by now. */
  written(name: string, version: string, hash: string): void {
    const before = this.#known.get(name)
    if (Number(before?.version) > Number(version)) return
    this.#known.set(name, { version, generation: before?.generation ?? firstGeneration, hash, look: this.#look })
  }

  forget(name: string): void {
    this.#known.delete(name)
  }

  /** Ends the look. Forgets the objects that it did not find, and returns their names. */
  end(): string[] {
    const gone = [...this.#known].flatMap(([name, { look }]) => (look < this.#look ? [name] : []))
    for (const name of gone) this.#known.delete(name)
    this.#told.clear()
    return gone
  }

  #take({ name, version, generation, hash }: ShownView, whatever: boolean): boolean {
    const before = this.#known.get(name)
    if (before !== undefined) {
      const isNews = whatever ? version !== before.version : !(Number(version) <= Number(before.version))
      if (!isNews) {
        before.look = this.#look
        return false
      }
    }
    if (hash === undefined) return this.#known.delete(name)
    this.#known.set(name, { version, generation, hash, look: this.#look })
    return before?.hash !== hash || before.generation !== generation
  }
}
