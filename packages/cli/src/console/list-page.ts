import { type State, states } from '@joinery/protocol'
import type { SeenEnrolment } from '../operator-client.ts'
import { type Counts, fits, type ListPage, type ListQuery, pageSize } from './contract.ts'
import { refusal } from './problem.ts'

/** Number of enrolments in each state. */
export const countStates = (all: readonly SeenEnrolment[]): Counts => {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>
  for (const { state } of all) counts[state] += 1
  return counts
}

/**
 * A page of the list. `continue` names the last item of the page before by its place in the order, so a page stays right while
 * machines come and go.
 */
export const listPage = (all: readonly SeenEnrolment[], query: ListQuery, look: number): ListPage => {
  const sign = query.order === 'oldest' ? 1 : -1
  const fitting = all
    .filter((enrolment) => fits(enrolment, query))
    .map((enrolment) => ({ place: placeOf(enrolment), enrolment }))
    .sort((one, other) => (one.place < other.place ? -sign : sign))
  const behind = query.continue === undefined ? undefined : readPlace(query.continue)
  const rest =
    behind === undefined ? fitting : fitting.filter(({ place }) => (sign > 0 ? place > behind : place < behind))
  const page = rest.slice(0, Number(query.limit ?? pageSize))
  const last = page.length < rest.length ? page.at(-1) : undefined
  return {
    items: page.map(({ enrolment }) => enrolment),
    total: fitting.length,
    counts: countStates(all),
    look,
    ...(last !== undefined && { continue: Buffer.from(last.place).toString('base64url') })
  }
}

const placeOf = ({ created, id }: SeenEnrolment): string => `${created} ${id}`

const readPlace = (token: string): string => {
  const place = Buffer.from(token, 'base64url').toString('utf8')
  if (/^\d{4}-\S+Z \S+$/.test(place)) return place
  throw refusal('invalid-request', { detail: '`continue` is not that of a page before' })
}
