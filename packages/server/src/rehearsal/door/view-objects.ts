import { shownView } from '../../adapters/kubernetes/door/shown-view.ts'
import { firstGeneration } from '../../core/ports/objects/shown-objects.ts'
import { type ShownView, type ViewKind, viewKinds } from '../../core/ports/objects/views.ts'
import type { State } from '../state.ts'

export interface StoredView {
  version: number
  generation: number
  status: unknown
  labels: Record<string, string>
}

/** Objects of the door as etcd has them. A change has a version of its own, deletions too. */
export class ViewObjects {
  readonly #state: State
  readonly #objects = Object.fromEntries(viewKinds.map((kind) => [kind, new Map<string, StoredView>()])) as Record<
    ViewKind,
    Map<string, StoredView>
  >
  #version = 1

  constructor(state: State) {
    this.#state = state
  }

  of(kind: ViewKind): ReadonlyMap<string, StoredView> {
    return this.#objects[kind]
  }

  shown(kind: ViewKind, name: string): ShownView | undefined {
    const object = this.#objects[kind].get(name)
    if (object === undefined) return undefined
    const { version, generation, status, labels } = object
    return shownView({ metadata: { name, resourceVersion: String(version), generation, labels }, status })
  }

  /** Writes the object. `generation`: as a server of before leaves it, whose every write of a view was a generation. */
  write(
    kind: ViewKind,
    name: string,
    status: unknown,
    labels: Record<string, string> = {},
    generation?: number
  ): ShownView {
    this.#version += 1
    const before = this.#objects[kind].get(name)?.generation
    this.#objects[kind].set(name, {
      version: this.#version,
      generation: generation ?? before ?? firstGeneration,
      status: structuredClone(status),
      labels
    })
    return this.#tell(kind, this.shown(kind, name) as ShownView)
  }

  delete(kind: ViewKind, name: string): void {
    if (!this.#objects[kind].delete(name)) return
    this.#version += 1
    this.#tell(kind, { name, version: String(this.#version), generation: firstGeneration, hash: undefined })
  }

  /** Calls `seen` of each change, later and never inside the call that made the change. */
  listen(kind: ViewKind, seen: (view: ShownView) => void, signal: AbortSignal): void {
    const hear = (event: Event): void => seen((event as CustomEvent<ShownView>).detail)
    this.#state.watch.addEventListener(`view ${kind}`, hear)
    signal.addEventListener('abort', () => this.#state.watch.removeEventListener(`view ${kind}`, hear), { once: true })
  }

  #tell(kind: ViewKind, detail: ShownView): ShownView {
    setImmediate(() => {
      const { reachable, silent, watch } = this.#state
      if (reachable && !silent) watch.dispatchEvent(new CustomEvent(`view ${kind}`, { detail }))
    })
    return detail
  }
}
