import { randomUUID } from 'node:crypto'
import { Refused } from './answer.ts'

/** Objects of one kind as a list shows them. */
export interface Listed {
  metadata: { name: string }
}

/** Lists page by page, each of one moment, as the API server gives them. */
export class Pages {
  readonly #rests = new Map<string, Listed[]>()

  /** The page that the query asks for, of the objects that its field selector lets through. */
  page(objects: readonly Listed[], query: URLSearchParams, fields: readonly string[]): object {
    const token = query.get('continue')
    const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY)
    const all = token === null ? selected(objects, query.get('fieldSelector') ?? '', fields) : this.#rests.get(token)
    if (all === undefined) throw new Refused(410, 'The provided continue parameter is too old')
    const [items, rest] = [all.slice(0, limit), all.slice(limit)]
    if (rest.length === 0) return { metadata: { resourceVersion: '1' }, items }
    const next = randomUUID()
    this.#rests.set(next, rest)
    return { metadata: { resourceVersion: '1', continue: next }, items }
  }

  /** Forgets all lists that somebody reads page by page. */
  forget(): void {
    this.#rests.clear()
  }
}

const selected = (objects: readonly Listed[], selector: string, fields: readonly string[]): Listed[] => {
  const sorted = [...objects].sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
  const terms = selector.split(/(?<!\\),/).filter((term) => term !== '')
  return terms.reduce((left, term) => {
    const [, field = '', value = ''] = /^(.*?)(?<!\\)=(.*)$/.exec(term) ?? []
    if (!fields.includes(field)) throw new Refused(400, `field label not supported: ${field}`)
    const wanted = value.replace(/\\(.)/g, '$1')
    return left.filter((object) => valueAt(object, field) === wanted)
  }, sorted)
}

const valueAt = (object: unknown, field: string): string =>
  String(
    field.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], object) ?? ''
  )
