import { type Code, type CodeQuery, isAsked, type List } from '@joinery/protocol'
import type { Clock } from '../../base/clock.ts'
import { codeView } from '../../enrolment/views.ts'
import { takePage, walkedTo } from '../../ports/store/list-page.ts'
import type { CodeDocument, Store } from '../../ports/store/store.ts'

export interface ListParts {
  store: Store
  clock: Clock
}

/** Gives a page of the codes that fit what is asked. Throws `invalid-request`. */
export const list =
  ({ store, clock }: ListParts) =>
  async (asked: CodeQuery = {}): Promise<List<Code>> => {
    const now = clock.now()
    const { state, name, role } = asked
    const fits = (code: CodeDocument): boolean =>
      isAsked(state, codeView(code, now).status) &&
      (name === undefined || code.name === name) &&
      (role === undefined || code.role === role)
    const { items, next } = await takePage(store.walkCodes(walkedTo(asked)), fits, asked)
    return {
      items: items.map((code) => codeView(code, now)),
      ...(next !== undefined && { metadata: { continue: next } })
    }
  }
