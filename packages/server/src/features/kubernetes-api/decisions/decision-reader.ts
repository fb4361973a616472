import type { Budgets } from '../../../core/base/budgets.ts'
import type { Clock } from '../../../core/base/clock.ts'
import type { Logger } from '../../../core/base/log.ts'
import { sideBySide } from '../../../core/base/side-by-side.ts'
import type { ApiSight } from '../../../core/ports/cluster/api-sight.ts'
import type { Decisions, SeenDecision } from '../../../core/ports/objects/decisions.ts'
import type { Decided } from '../../../core/ports/store/change.ts'
import { GuardedList, type Sight } from '../asked/guarded-list.ts'
import type { NextLook } from '../asked/reading.ts'
import { forgery, writeRefusal } from '../asked/refusal.ts'
import { byEnrolment, type CarryOutParts, carryOut, overDecisions, statusBy } from './carry-out.ts'

interface Parts extends CarryOutParts {
  decisions: Decisions
  cluster: Pick<ApiSight, 'now' | 'version'>
  clock: Clock
  log: Logger
  budgets: Budgets['decisions']
}

/** Results that the store has for Decisions without a status, by uid. */
type Results = Map<string, Decided>

interface Left {
  next: NextLook
  /** Errors by which Decisions stay open. */
  failures: unknown[]
}

/**
 * Reads the Decisions of the cluster and carries each out once. It asks before and after each look whether the cluster still holds
 * `by` to the user who really asks. If it does not, nothing that was seen in between is carried out, then or later. The status
 * follows the store: a Decision whose result is there and whose status is empty gets its status, whenever it is seen.
 */
export class DecisionReader {
  readonly #parts: Parts
  readonly #list: GuardedList<SeenDecision>

  constructor(parts: Parts) {
    this.#parts = parts
    const { decisions: objects, budgets: bounds, ...others } = parts
    this.#list = new GuardedList({ ...others, objects, bounds }, { policy, plural: 'Decisions' })
  }

  /** A sentence with a command for what keeps the server from reading Decisions. */
  get remedies(): readonly string[] {
    return this.#list.remedies
  }

  /**
   * Looks once, and says when to look again. Throws `cluster-unavailable` and the problems of the store: then a later look does
   * what is left.
   */
  look(): Promise<NextLook> {
    return this.#list.look((sight) => this.#heed(sight))
  }

  async #heed(sight: Sight<SeenDecision>): Promise<NextLook> {
    const without = sight.items.filter(({ isSettled }) => !isSettled)
    const decided = await this.#parts.asked.decided(without.map(({ uid }) => uid))
    const results: Results = new Map(decided.map((one) => [one.uid, one]))
    const open = without.filter(({ uid }) => !results.has(uid))
    const left = await this.#judge(open, sight, results)
    const isSettled = await this.#settle(without, results)
    const isMore = await this.#tidyUp(sight)
    if (left.failures.length > 0) throw left.failures[0]
    if (isMore || left.next === 'soon') return 'soon'
    return isSettled ? left.next : 'later'
  }

  /** Carries out what is open, if the policy held all the time. */
  async #judge(open: readonly SeenDecision[], sight: Sight<SeenDecision>, results: Results): Promise<Left> {
    const { answer, now, isForged } = sight
    if (answer === 'unknown') return { next: 'when-told', failures: [] }
    const [forged = [], honest = []] = parted(open, isForged)
    await sideBySide(forged, forgedAtOnce, (decision) => this.#refuse(decision, now, results))
    const { budgets } = this.#parts
    const left: Left = { next: honest.length > budgets.judged ? 'soon' : 'when-told', failures: [] }
    await sideBySide(byEnrolment(honest, budgets.judged), budgets.atOnce, async (some) => {
      // what fails for one enrolment must not keep the others waiting, but an outage is not tried out on each
      if (left.failures.length < budgets.atOnce) await this.#carryOut(some, now, results, left)
    })
    // who watches for the end of an attack must not be fooled by a moment in which all is well
    return answer === 'allowed' ? { ...left, next: 'later' } : left
  }

  /** Refuses what may be forged. */
  async #refuse(decision: SeenDecision, now: Date, results: Results): Promise<void> {
    const result = await writeRefusal(this.#parts, decision.uid, forged, now)
    if (result !== undefined) await this.#note(decision, result, results)
  }

  /** Carries out the Decisions about one enrolment, one after the other. */
  async #carryOut(some: readonly SeenDecision[], now: Date, results: Results, left: Left): Promise<void> {
    try {
      for (const decision of some) {
        const result = await carryOut(this.#parts, decision, now)
        if (result === undefined) left.next = 'later'
        else await this.#note(decision, result, results)
      }
    } catch (error) {
      left.failures.push(error)
    }
  }

  /** Remembers a result, logs it, and says it in the status at once: somebody waits for it. */
  async #note(decision: SeenDecision, result: Decided, results: Results): Promise<void> {
    const { log } = this.#parts
    const { uid, name } = decision
    const { code, message } = result
    log.info({ decision: uid, name, result: result.result, ...(code !== undefined && { problem: code }) }, message)
    // what was not written is written when it is seen again
    results.set(uid, result)
    await this.#say(decision, result).catch(() => undefined)
  }

  /** Writes the status of each Decision whose result the store has, up to a bound. False if one has still none. */
  async #settle(without: readonly SeenDecision[], results: Results): Promise<boolean> {
    const { budgets } = this.#parts
    const due = without.filter(({ uid, isSettled }) => !isSettled && results.has(uid))
    await sideBySide(due.slice(0, budgets.judged), budgets.atOnce, async (decision) => {
      const result = results.get(decision.uid)
      if (result !== undefined) await this.#say(decision, result)
    })
    return due.every(({ isSettled }) => isSettled)
  }

  async #say(decision: SeenDecision, result: Decided): Promise<void> {
    decision.isSettled =
      (await this.#parts.decisions.settle(decision, statusBy(result, decision.generation))) !== undefined
  }

  /** Deletes what is over. True if there is more of it. */
  async #tidyUp({ items, now }: Sight<SeenDecision>): Promise<boolean> {
    const { decisions, budgets } = this.#parts
    const over = overDecisions(items, budgets.kept, now)
    await sideBySide(over.slice(0, budgets.deleted), budgets.atOnce, (one) => decisions.delete(one))
    return over.length > budgets.deleted
  }
}

const policy = 'joinery-decisions'

const forged = forgery(policy, 'who decided: decide again')

/** Refusals of forged Decisions at the same time: the commits of one turn share a disk sync. */
const forgedAtOnce = 32

/** Splits the Decisions into those for which the answer is yes, and the others. */
const parted = (some: readonly SeenDecision[], answer: (decision: SeenDecision) => boolean): SeenDecision[][] => {
  const groups = Map.groupBy(some, answer)
  return [groups.get(true) ?? [], groups.get(false) ?? []]
}
