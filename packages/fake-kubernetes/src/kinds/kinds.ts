import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'
import { textOf } from '../objects/refused.ts'
import { builtIns } from './built-in.ts'
import { kindsOf } from './custom/definitions.ts'
import type { Kind } from './kind.ts'

const definitions = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' }

/** The kinds that the API server knows now: its own, and those of the CustomResourceDefinitions in the store. */
export class Kinds {
  readonly #objects: Objects
  readonly #custom = new WeakMap<KubeObject, readonly Kind[]>()

  /** The objects of a kind go with its definition. */
  constructor(objects: Objects) {
    this.#objects = objects
    objects.follow(({ type, resource, object }) => {
      if (type !== 'DELETED' || resource !== textOf(definitions)) return
      const [kind] = this.#of(object)
      if (kind === undefined) return
      for (const { metadata } of objects.list(kind)) objects.delete(kind, metadata.name, metadata.namespace)
    })
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return this.all().find((kind) => kind.group === group && kind.version === version && kind.plural === plural)
  }

  byKind(group: string, version: string, name: string): Kind | undefined {
    return this.all().find((kind) => kind.group === group && kind.version === version && kind.kind === name)
  }

  all(): readonly Kind[] {
    return [...builtIns, ...this.#objects.list(definitions).flatMap((definition) => this.#of(definition))]
  }

  #of(definition: KubeObject): readonly Kind[] {
    const kinds = this.#custom.get(definition) ?? kindsOf(definition)
    this.#custom.set(definition, kinds)
    return kinds
  }
}
