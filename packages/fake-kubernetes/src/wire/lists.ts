import { randomUUID } from 'node:crypto'
import type { KubeObject } from '../objects/kube-object.ts'
import type { Objects } from '../objects/objects.ts'
import { badRequest, Refused } from '../objects/refused.ts'
import { type Selection, versionOf } from './shown.ts'

/** The rest of a list that somebody reads in pages: all of one moment. */
interface Rest {
  revision: number
  objects: readonly KubeObject[]
}

/** Most lists that are read in pages at once. The oldest is forgotten first. */
const restsAtMost = 100

/** Lists of one API server, and the pages that are still to be read. */
export class Lists {
  readonly #objects: Objects
  readonly #rests = new Map<string, Rest>()

  constructor(objects: Objects) {
    this.#objects = objects
  }

  /** Gives a list, or a page of it. Throws `Expired` (410) for a page of a list that is forgotten. */
  list({ kind, namespace, query, selects, show }: Selection): object {
    const token = query.get('continue') ?? ''
    const { revision, objects } =
      token === ''
        ? { revision: this.#objects.revision, objects: this.#objects.list(kind, namespace).filter(selects) }
        : this.#restOf(token)
    const limit = Number(query.get('limit') ?? 0) || objects.length
    const left = objects.slice(limit)
    const metadata = { resourceVersion: String(revision) }
    const partial = 'PartialObjectMetadata'
    const items = objects.slice(0, limit).map(show)
    const isPartial = items.some((item) => 'kind' in item && item.kind === partial)
    return {
      kind: `${isPartial ? partial : kind.kind}List`,
      apiVersion: isPartial ? 'meta.k8s.io/v1' : versionOf(kind),
      metadata: left.length === 0 ? metadata : { ...metadata, ...this.#keep({ revision, objects: left }) },
      items
    }
  }

  /** Forgets all lists that somebody is reading, as a compaction of etcd does. */
  forget(): void {
    this.#rests.clear()
  }

  #keep(rest: Rest): { continue: string; remainingItemCount: number } {
    const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: rest.revision, start: randomUUID() }))
    const text = token.toString('base64url')
    this.#rests.set(text, rest)
    const [oldest] = this.#rests.keys()
    if (this.#rests.size > restsAtMost && oldest !== undefined) this.#rests.delete(oldest)
    return { continue: text, remainingItemCount: rest.objects.length }
  }

  #restOf(token: string): Rest {
    const rest = this.#rests.get(token)
    if (rest !== undefined) return rest
    if (!Buffer.from(token, 'base64url').toString().startsWith('{"v":"meta.k8s.io/v1"'))
      throw badRequest('continue key is not valid: it is not a token of this API server')
    throw new Refused(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.'
    )
  }
}
