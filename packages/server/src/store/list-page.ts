import { ProblemError } from '@joinery/protocol'

/** What a caller asks of a list, beside what it filters by. */
export interface PageRequest {
  limit?: string
  continue?: string
}

/** One of a walk, with where that goes on after it. */
export interface Placed<T> {
  place: number
  item: T
}

/** Opaque to callers, as that of Kubernetes is. */
export const continueAfter = (place: string | number): string => Buffer.from(String(place)).toString('base64url')

/** What was given to `continueAfter`; empty where nothing was. */
export const placeIn = ({ continue: token = '' }: PageRequest): string => Buffer.from(token, 'base64url').toString()

/** The same of a walk. Throws `invalid-request`. */
export const walkedTo = (asked: PageRequest): number => {
  const place = Number(placeIn(asked))
  if (Number.isSafeInteger(place) && place >= 0) return place
  throw new ProblemError('invalid-request', {
    detail: 'continue is not what a page gave',
    remedy: 'begin again, without continue'
  })
}

export const limitOf = ({ limit }: PageRequest): number =>
  limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)

/** The first of a walk that fit, as many as were asked for; `next`: there is another one. */
export const takePage = async <T>(
  walk: AsyncIterable<Placed<T>>,
  fits: (item: T) => boolean,
  asked: PageRequest
): Promise<{ items: T[]; next?: string }> => {
  const limit = limitOf(asked)
  const items: T[] = []
  let last = 0
  for await (const { place, item } of walk) {
    if (!fits(item)) continue
    if (items.length === limit) return { items, next: continueAfter(last) }
    items.push(item)
    last = place
  }
  return { items }
}
