import type { ViewKind } from './views.ts'

export interface Target {
  kind: ViewKind
  name: string
  /** True if others of the same name may look different now, too. */
  spreads: boolean
}

/** Most objects that are taken out at once. */
const atOnce = 256

/** The objects that must be looked at, each once, and the time from which each may be. */
export class Due {
  readonly #targets = new Map<string, Target & { at: number }>()

  get size(): number {
    return this.#targets.size
  }

  /** Adds an object, or moves it forward if it is there. It never moves back. */
  add(target: Target, at: number): void {
    const key = `${target.kind}/${target.name}`
    const before = this.#targets.get(key)
    if (before === undefined) this.#targets.set(key, { ...target, at })
    else {
      before.at = Math.min(before.at, at)
      before.spreads ||= target.spreads
    }
  }

  /** Takes out objects whose time has come. */
  take(now: number): Target[] {
    const taken: Target[] = []
    for (const [key, { at, ...target }] of this.#targets) {
      if (at > now) continue
      this.#targets.delete(key)
      taken.push(target)
      if (taken.length === atOnce) break
    }
    return taken
  }

  /** The time at which the next object is due. Infinity if there is none. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.#targets.values()) next = Math.min(next, at)
    return next
  }
}
