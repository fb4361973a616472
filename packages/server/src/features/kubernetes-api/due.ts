import type { ViewKind } from '../../core/ports/objects/views.ts'

export interface Target {
  kind: ViewKind
  name: string
  /** True if others of the same name may look different now, too. */
  spreads: boolean
}

export const keyOf = ({ kind, name }: Pick<Target, 'kind' | 'name'>): string => `${kind}/${name}`

/** The objects that must be looked at, each once, and the time from which each may be. */
export class Due {
  readonly #targets = new Map<string, Target & { at: number }>()

  /** Adds an object, or moves it forward if it is there. It never moves back. */
  add(target: Target, at: number): void {
    const key = keyOf(target)
    const before = this.#targets.get(key)
    if (before === undefined) this.#targets.set(key, { ...target, at })
    else {
      before.at = Math.min(before.at, at)
      before.spreads ||= target.spreads
    }
  }

  /** Takes out an object whose time has come, but for those that are `busy`. */
  take(now: number, busy: ReadonlySet<string>): Target | undefined {
    for (const [key, { at, ...target }] of this.#targets) {
      if (at > now || busy.has(key)) continue
      this.#targets.delete(key)
      return target
    }
    return undefined
  }

  /** The time at which the next object is due that is not `busy`. Infinity if there is none. */
  next(busy: ReadonlySet<string>): number {
    let next = Number.POSITIVE_INFINITY
    for (const [key, { at }] of this.#targets) if (!busy.has(key)) next = Math.min(next, at)
    return next
  }
}
