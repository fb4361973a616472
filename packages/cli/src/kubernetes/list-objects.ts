import { type Connection, inPages } from '@joinery/kube'
import type { Resource } from '@joinery/kube/door'
import type { List } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Static, TSchema } from 'typebox'
import type { DoorApi } from './door-api.ts'
import { fitting, kindOf } from './objects.ts'

/** Most requests for one page of a list. A rare object may be in none of their answers. */
const requestsForPage = 20

/** Objects of a page whose size the person did not say. */
const usualPage = 500

export interface Asked {
  limit?: string
  continue?: string
  /** Fields by which the API server selects. */
  fieldSelector?: string
}

interface Listing<T extends TSchema, Item> {
  schema: T
  /** Shows an object as an item of the list. Undefined if the object is not asked for. */
  show(object: Static<T>): Item | undefined
  err(line: string): void
}

/**
 * The objects of a kind that fit, in the order in which they were made: all of them, or a page. `version`: where a watch goes on. The
 * API server gives pages in the order of names. Objects that do not fit their schema are left out, and counted for `err`.
 */
export const listObjects = async <T extends TSchema, Item extends { created: string; id: string }>(
  api: DoorApi,
  plural: Resource,
  { limit, continue: from, ...select }: Asked,
  { schema, show, err }: Listing<T, Item>
): Promise<List<Item> & { version?: string }> => {
  const items: Item[] = []
  let version: string | undefined
  let misfits = 0
  const take = (object: unknown): void => {
    const fits = fitting(schema, object)
    // a view is made, and gets its status a moment later
    if (fits === undefined && saysSomething(object)) misfits += 1
    const item = fits && show(fits)
    if (item !== undefined) items.push(item)
  }
  const list = (connection: Connection) => (page: { limit: number; _continue?: string }) =>
    connection.custom.listClusterCustomObject({ ...kindOf(plural), ...select, ...page }).then((answer) => {
      version = versionOf(answer)
      return pageOf(answer)
    })
  let next = from
  if (limit === undefined && from === undefined) await api.call((connection) => inPages(list(connection), take))
  else {
    const most = limit === undefined ? usualPage : Number(limit)
    for (let request = 0; request < requestsForPage; request += 1) {
      const page = { limit: most - items.length, ...given({ _continue: next }) }
      const answer = await api.call((connection) => list(connection)(page))
      answer.items.forEach(take)
      next = answer.metadata._continue
      if (next === undefined || items.length >= most) break
    }
  }
  if (misfits > 0) {
    err(`${misfits} of ${plural}.joinery.dev left out: they do not fit; is joinery as new as the pairing server?\n`)
  }
  items.sort((one, other) => (`${one.created} ${one.id}` < `${other.created} ${other.id}` ? -1 : 1))
  return { items, ...given({ version }), ...(next !== undefined && { metadata: { continue: next } }) }
}

const saysSomething = (object: unknown): boolean => (object as { status?: unknown } | null)?.status !== undefined

/** Version of the kind at which the list is, from which a watch goes on. */
const versionOf = (answer: unknown): string | undefined =>
  (answer as { metadata?: { resourceVersion?: string } | null }).metadata?.resourceVersion

/** A page of the API server's answer. Throws if it is none. */
const pageOf = (answer: unknown): { items: unknown[]; metadata: { _continue?: string } } => {
  const { items, metadata } = answer as { items?: unknown; metadata?: { continue?: unknown } | null }
  // an empty list may be null
  if (!Array.isArray(items ?? [])) throw new TypeError('the answer is no list')
  const next = metadata?.continue
  return {
    items: (items ?? []) as unknown[],
    metadata: typeof next === 'string' && next !== '' ? { _continue: next } : {}
  }
}
