import { ProblemError } from '@joinery/protocol'

/** Page of a list that a caller asks for. The filters are not part of it. */
export interface PageRequest {
  limit?: string
  continue?: string
}

/** An item of a walk, with the place after which the walk goes on. */
export interface Placed<T> {
  place: number
  item: T
}

/** Makes the `continue` token of a page. It is opaque to callers, as that of Kubernetes is. */
export const continueAfter = (place: string | number): string => Buffer.from(String(place)).toString('base64url')

/** Place that `continueAfter` was given. Empty if the request has no token. */
export const placeIn = ({ continue: token = '' }: PageRequest): string => Buffer.from(token, 'base64url').toString()

/** Place in a walk that the request goes on after; 0 without a token. Throws `invalid-request`. */
export const walkedTo = (asked: PageRequest): number => {
  const place = Number(placeIn(asked))
  if (Number.isSafeInteger(place) && place >= 0) return place
  throw new ProblemError('invalid-request', {
    detail: 'continue is not a token that a page gave',
    remedy: 'begin again, without continue'
  })
}

export const limitOf = ({ limit }: PageRequest): number =>
  limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)

/** Some items of a page, in order. The last part has `next` if another item fits. */
export interface PagePart<T> {
  items: T[]
  next?: string
}

/** Items in a part: few enough for one turn of the event loop. */
const inOnePart = 50

/** The first items of a walk that fit, as many as were asked for, part by part: a page may be a whole list. */
export async function* walkPage<T>(
  walk: AsyncIterable<Placed<T>>,
  fits: (item: T) => boolean,
  asked: PageRequest
): AsyncGenerator<PagePart<T>> {
  let left = limitOf(asked)
  let items: T[] = []
  let last = 0
  for await (const { place, item } of walk) {
    if (!fits(item)) continue
    if (left === 0) {
      yield { items, next: continueAfter(last) }
      return
    }
    if (items.length === inOnePart) {
      yield { items }
      items = []
    }
    items.push(item)
    left -= 1
    last = place
  }
  yield { items }
}
