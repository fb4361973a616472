import { type Enrolment, type EnrolmentQuery, isAsked, type List } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { inTurns } from '../../base/in-turns.ts'
import { conflictOf } from '../../enrolment/name/whose-name.ts'
import { takePage, walkedTo } from '../../ports/store/list-page.ts'
import type { EnrolmentDocument } from '../../ports/store/store.ts'
import { readView, type ViewParts } from './read-view.ts'

/** Gives a page of the enrolments that fit what is asked. Throws `invalid-request`. */
export const list =
  (parts: ViewParts) =>
  async (asked: EnrolmentQuery = {}): Promise<List<Enrolment>> => {
    const { store } = parts
    const { state, name, role, code } = asked
    const which = given({ state: typeof state === 'string' ? state : undefined, name })
    const fits = (one: EnrolmentDocument): boolean =>
      isAsked(state, one.state) &&
      (role === undefined || one.role === role) &&
      (code === undefined || one.code === code)
    const { items, next } = await takePage(store.walkEnrolments(walkedTo(asked), which), fits, asked)
    const isAll = Object.keys(asked).length === 0
    const byName = isAll ? Map.groupBy(items, (enrolment) => enrolment.name) : undefined
    const views = await inTurns(items, (some) =>
      Promise.all(
        some.map(async (enrolment) => {
          const named = byName?.get(enrolment.name) ?? (await store.enrolmentsByName(enrolment.name))
          return readView(parts, enrolment, { named, nameConflict: conflictOf(enrolment, named) })
        })
      )
    )
    return { items: views, ...(next !== undefined && { metadata: { continue: next } }) }
  }
