import type { Budgets } from '../../base/budgets.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { sideBySide } from '../../base/side-by-side.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { askClusterTime } from '../../cluster/cluster-clock.ts'
import type { Decided, Store } from '../../store/store.ts'
import { NotSetUp, setupRemedy } from '../not-set-up.ts'
import { type CarryOutParts, carryOut, refuseDecision, statusBy } from './carry-out.ts'
import type { Decisions, ProbeAnswer, SeenDecision } from './decisions.ts'
import { byEnrolment } from './in-turn-of-enrolment.ts'
import { overDecisions } from './over-decisions.ts'
import { readList } from './read-list.ts'

interface Parts extends CarryOutParts {
  store: Store
  decisions: Decisions
  cluster: Pick<Cluster, 'now' | 'version'>
  clock: Clock
  log: Logger
  budgets: Budgets['decisions']
}

/**
 * - soon: the look was bounded, and left something
 * - later: a Decision waits for something in the cluster, or the policy is away
 * - when-told: when the watch says something
 */
export type NextLook = 'soon' | 'later' | 'when-told'

/** Findings of one look. */
interface Sight {
  /** Time of the look by the API server's clock. */
  now: Date
  listed: SeenDecision[]
  /** Results that the store has for Decisions without a status. */
  decided: Map<string, Decided>
}

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
  #trouble: string | undefined
  /** True if the last look found the policy missing. */
  #isUnguarded = false
  /** Time, by the API server's clock, of the first look at which a policy that had been missing was there again. */
  #guardedSince = new Date(0)

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A sentence with a command for what keeps the server from reading Decisions. The policy itself is told by `Bounds`. */
  get remedies(): readonly string[] {
    return this.#trouble === undefined ? [] : [`${this.#trouble}; ${setupRemedy}`]
  }

  /**
   * Looks once, and says when to look again. Throws `cluster-unavailable` and the problems of the store: then a later look does
   * what is left.
   */
  async look(): Promise<NextLook> {
    try {
      return await this.#look()
    } catch (error) {
      if (!(error instanceof NotSetUp)) throw error
      this.#tell(`Decisions of the cluster are not read: ${error.message}`)
      return 'when-told'
    }
  }

  async #look(): Promise<NextLook> {
    const { decisions, cluster, clock, budgets, store } = this.#parts
    const before = await this.#probe()
    const listed = await readList(decisions, budgets)
    const without = listed.filter(({ isSettled }) => !isSettled)
    const results = await store.decided(without.map(({ uid }) => uid))
    const decided = new Map(results.map((one) => [one.uid, one]))
    const open = without.filter(({ uid }) => !decided.has(uid))
    const after = await this.#probe()
    const sight: Sight = { now: await askClusterTime(cluster, clock), listed, decided }
    const left = await this.#judge(open, worse(before, after), sight)
    await this.#settle(without, sight)
    const isMore = await this.#tidyUp(sight)
    if (left.failures.length > 0) throw left.failures[0]
    return isMore ? 'soon' : left.next
  }

  /** Asks whether the policy is there. That it is not is noted at once, whatever becomes of this look. */
  async #probe(): Promise<ProbeAnswer> {
    const answer = await this.#parts.decisions.probe()
    if (answer.answer === 'allowed' && !this.#isUnguarded) {
      this.#isUnguarded = true
      const gaps = [answer.words]
      this.#parts.log.error({ policy, gaps }, `the policy ${policy} is missing: no Decision is applied`)
    }
    return answer
  }

  /** Carries out what is open, if the policy held all the time. */
  async #judge(open: readonly SeenDecision[], { answer, ...more }: ProbeAnswer, sight: Sight): Promise<Left> {
    const words = 'words' in more ? more.words : ''
    if (answer === 'unknown') {
      this.#tell(`Decisions of the cluster are not applied, for nothing proves the policy ${policy}: ${words}`)
      return { next: 'when-told', failures: [] }
    }
    this.#tell(undefined)
    const [forged = [], honest = []] = parted(open, this.#guard(answer, sight))
    await sideBySide(forged, forgedAtOnce, (decision) => this.#refuse(decision, sight))
    const { budgets } = this.#parts
    const left: Left = { next: honest.length > budgets.judged ? 'soon' : 'when-told', failures: [] }
    await sideBySide(byEnrolment(honest, budgets.judged), budgets.atOnce, async (some) => {
      // what fails for one enrolment must not keep the others waiting, but an outage is not tried out on each
      if (left.failures.length < budgets.atOnce) await this.#carryOut(some, sight, left)
    })
    // who watches for the end of an attack must not be fooled by a moment in which all is well
    return answer === 'allowed' ? { ...left, next: 'later' } : left
  }

  /**
   * Says which Decisions may be forged: all while the policy is away, and those that were made before the first look at which it
   * was there again. When it came back nobody knows.
   */
  #guard(answer: 'allowed' | 'refused', { now }: Sight): (decision: SeenDecision) => boolean {
    if (answer === 'allowed') return () => true
    if (this.#isUnguarded) {
      this.#parts.log.info({ policy }, 'the policy holds again: Decisions that are made from now on are applied')
      this.#isUnguarded = false
      this.#guardedSince = now
    }
    return ({ created }) => created.getTime() <= this.#guardedSince.getTime()
  }

  /** Refuses what may be forged. Who made it cannot be known, not even when the policy is there again. */
  async #refuse(decision: SeenDecision, sight: Sight): Promise<void> {
    const message = `the policy ${policy} was missing when this was made or read, so nobody knows who decided: decide again`
    const result = await refuseDecision(this.#parts.store, decision.uid, { code: 'cluster-unsafe', message }, sight.now)
    if (result !== undefined) await this.#note(decision, result, sight)
  }

  /** Carries out the Decisions about one enrolment, one after the other. */
  async #carryOut(some: readonly SeenDecision[], sight: Sight, left: Left): Promise<void> {
    try {
      for (const decision of some) {
        const result = await carryOut(this.#parts, decision, sight.now)
        if (result === undefined) left.next = 'later'
        else await this.#note(decision, result, sight)
      }
    } catch (error) {
      left.failures.push(error)
    }
  }

  /** Remembers a result, logs it, and says it in the status at once: somebody waits for it. */
  async #note(decision: SeenDecision, result: Decided, { decided }: Sight): Promise<void> {
    const { log } = this.#parts
    const { uid, name } = decision
    const { code, message } = result
    log.info({ decision: uid, name, result: result.result, ...(code !== undefined && { problem: code }) }, message)
    const isWritten = await this.#parts.decisions.settle(decision, statusBy(result)).catch(() => false)
    // what was not written is written when it is seen again
    if (!isWritten) decided.set(uid, result)
    else decision.isSettled = true
  }

  /** Writes the status of each Decision whose result the store has. */
  async #settle(without: readonly SeenDecision[], { decided }: Sight): Promise<void> {
    const { decisions, budgets } = this.#parts
    const due = without.filter(({ uid, isSettled }) => !isSettled && decided.has(uid)).slice(0, budgets.judged)
    await sideBySide(due, budgets.atOnce, async (decision) => {
      const result = decided.get(decision.uid)
      if (result !== undefined) decision.isSettled = await decisions.settle(decision, statusBy(result))
    })
  }

  /** Deletes what is over. True if there is more of it. */
  async #tidyUp({ listed, now }: Sight): Promise<boolean> {
    const { decisions, budgets } = this.#parts
    const over = overDecisions(listed, budgets.kept, now)
    await sideBySide(over.slice(0, budgets.deleted), budgets.atOnce, (one) => decisions.delete(one))
    return over.length > budgets.deleted
  }

  #tell(trouble: string | undefined): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    if (trouble === undefined) this.#parts.log.info('Decisions of the cluster are read')
    else this.#parts.log.warn(`${trouble}; ${setupRemedy}`)
  }
}

const policy = 'joinery-decisions'

/** Refusals of forged Decisions at the same time: the commits of one turn share a disk sync. */
const forgedAtOnce = 32

/** Splits the Decisions into those for which the answer is yes, and the others. */
const parted = (some: readonly SeenDecision[], answer: (decision: SeenDecision) => boolean): SeenDecision[][] => {
  const groups = Map.groupBy(some, answer)
  return [groups.get(true) ?? [], groups.get(false) ?? []]
}

/** The answer that proves less. */
const worse = (before: ProbeAnswer, after: ProbeAnswer): ProbeAnswer =>
  [before, after].find(({ answer }) => answer === 'allowed') ??
  [before, after].find(({ answer }) => answer === 'unknown') ??
  after
