import { type CauseCode, minute } from '@joinery/protocol'
import { shortTurns } from '../../core/base/short-turns.ts'
import { expiryOf, leftovers, openAttempt } from '../../core/enrolment/facts/attempts.ts'
import type { EnrolmentDocument } from '../../core/ports/store/documents/enrolment-document.ts'
import type { Store } from '../../core/ports/store/store.ts'

/** Tokens of one enrolment: the number of those of an open attempt, and when those of the others end. */
interface Tokens {
  open: number
  ends: number[]
}

/** Milliseconds after the end of a token by which a sweep has found it gone. */
const patience = 5 * minute

/**
 * Tokens that live, and the likeliest causes of Nodes that are not Ready, by enrolment. It hears each commit. What was there before
 * the start is read once, when somebody first asks.
 */
export class Followed {
  readonly #causes = new Map<string, CauseCode>()
  readonly #tokens = new Map<string, Tokens>()
  readonly #store: Pick<Store, 'unsettled' | 'enrolment'>
  #isRead = false

  constructor(store: Pick<Store, 'unsettled' | 'enrolment'>) {
    this.#store = store
  }

  note(enrolment: EnrolmentDocument): void {
    const { id } = enrolment
    const { cause } = enrolment.diagnosis
    keep(this.#causes, id, cause?.code)
    const tokens = tokensOf(enrolment)
    keep(this.#tokens, id, tokens.open + tokens.ends.length === 0 ? undefined : tokens)
  }

  forget(id: string): void {
    this.#causes.delete(id)
    this.#tokens.delete(id)
  }

  /** Reads what was there before. A settled enrolment has neither a token nor a cause. */
  async read(): Promise<void> {
    if (this.#isRead) return
    const othersTurn = shortTurns()
    for (const { id, claimed } of await this.#store.unsettled()) {
      const enrolment = claimed ? await this.#store.enrolment(id) : undefined
      if (enrolment !== undefined) this.note(enrolment)
      await othersTurn()
    }
    this.#isRead = true
  }

  /** Number of Nodes by their cause. */
  get causes(): ReadonlyMap<CauseCode, number> {
    const counts = new Map<CauseCode, number>()
    for (const code of this.#causes.values()) counts.set(code, (counts.get(code) ?? 0) + 1)
    return counts
  }

  /** Number of tokens, by what is known of them. */
  tokens(now: Date): Record<'open' | 'leftover' | 'overdue', number> {
    const sum = { open: 0, leftover: 0, overdue: 0 }
    for (const { open, ends } of this.#tokens.values()) {
      sum.open += open
      for (const end of ends) sum[end + patience < now.getTime() ? 'overdue' : 'leftover'] += 1
    }
    return sum
  }
}

const tokensOf = (enrolment: EnrolmentDocument): Tokens => ({
  open: openAttempt(enrolment)?.tokenId === undefined ? 0 : 1,
  ends: leftovers(enrolment)
    .filter(({ tokenId }) => tokenId !== undefined)
    .map((attempt) => expiryOf(attempt).getTime())
})

const keep = <T>(map: Map<string, T>, id: string, value: T | undefined): void => {
  if (value === undefined) map.delete(id)
  else map.set(id, value)
}
