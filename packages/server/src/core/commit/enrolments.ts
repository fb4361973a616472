import { type Lifetimes, ProblemError } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../base/clock.ts'
import type { Decision } from '../enrolment/decision/decision.ts'
import { busy, joinsFull } from '../enrolment/facts/cluster.ts'
import { withShown } from '../enrolment/facts/shown.ts'
import { withSettled } from '../enrolment/settled.ts'
import { type AttemptTimes, decideClockSet } from '../enrolment/verbs/attempt-times.ts'
import { decideExpiry } from '../enrolment/verbs/expire.ts'
import type { Change, CommitResult } from '../ports/store/change.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'
import type { Commits } from './commits.ts'

interface Parts {
  store: Pick<Store, 'enrolment' | 'enrolmentByKey'>
  commits: Pick<Commits, 'append'>
  clock: Clock
  times: Pick<AttemptTimes, 'left'>
  lifetimes: Lifetimes
}

/** The Decision of the cluster is settled already, by this server or by another one on this store. Nothing was changed. */
class DecidedAlready extends Error {}

export type Decide = (enrolment: EnrolmentDocument, now: Date) => Decision | undefined

/** Reads an enrolment, lets a decider judge it, and writes the decision. If somebody was faster, it does all that again. */
export class Enrolments {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * The enrolment after `decide`, durable. The clock is heard before `decide`, so no decider ever sees a state whose time is
   * over. Throws `not-found`, `name-in-use`, `control-plane-busy`, `joins-full`, and what the decider throws.
   */
  change(id: string, decide: Decide): Promise<EnrolmentDocument> {
    return this.#change(() => this.#parts.store.enrolment(id), 'no such enrolment', decide)
  }

  /**
   * The enrolment as `change` would leave it now. Refuses what `change` would refuse. Nothing is written, and nobody hears of it.
   */
  async tryChange(id: string, decide: Decide): Promise<EnrolmentDocument> {
    for (;;) {
      const enrolment = await this.#parts.store.enrolment(id)
      if (enrolment === undefined) throw new ProblemError('not-found', { detail: 'no such enrolment' })
      const now = this.#parts.clock.now()
      const seen = this.#byClock(enrolment, now)?.enrolment ?? enrolment
      const decision = decide(seen, now)
      if (decision === undefined) return seen
      const after = withSettled(withShown(enrolment, decision.enrolment))
      const { alone, joinsAtMost, decided } = decision
      const result = await this.#parts.commits.append({
        ...given({ alone, joinsAtMost, decided }),
        enrolments: [after],
        tried: true
      })
      if (result === 'decided') throw new DecidedAlready()
      if (result === 'committed') return { ...after, revision: after.revision + 1 }
      if (result !== 'stale') throw taken(result, after)
    }
  }

  /** The newest enrolment of a key after `decide`, durable. See `change`. */
  changeOwn(key: string, decide: Decide): Promise<EnrolmentDocument> {
    return this.#change(() => this.#parts.store.enrolmentByKey(key), 'this key has no enrolment', decide)
  }

  /** The newest enrolment of a key, judged by the clock. Throws `not-found`. */
  own(key: string): Promise<EnrolmentDocument> {
    return this.changeOwn(key, () => undefined)
  }

  /** True if the clock changes the enrolment now. */
  isOverdue(enrolment: EnrolmentDocument): boolean {
    return this.#byClock(enrolment, this.#parts.clock.now()) !== undefined
  }

  #byClock(enrolment: EnrolmentDocument, now: Date): Decision | undefined {
    return (
      decideClockSet(enrolment, this.#parts.times.left(enrolment), now) ??
      decideExpiry(enrolment, now, this.#parts.lifetimes)
    )
  }

  async #change(
    read: () => Promise<EnrolmentDocument | undefined>,
    missing: string,
    decide: Decide
  ): Promise<EnrolmentDocument> {
    for (;;) {
      const enrolment = await read()
      if (enrolment === undefined) throw new ProblemError('not-found', { detail: missing })
      const now = this.#parts.clock.now()
      const overdue = this.#byClock(enrolment, now)
      const decision = overdue ?? decide(enrolment, now)
      if (decision === undefined) return enrolment
      const committed = await this.commit({ ...decision, enrolment: withShown(enrolment, decision.enrolment) })
      if (committed !== undefined && overdue === undefined) return committed
    }
  }

  /** Writes a decision. Undefined if the enrolment is no longer the one that was judged. */
  async commit(
    { enrolment: decision, entries, alone, joinsAtMost, decided, beside = [] }: Decision,
    also: Change = {}
  ): Promise<EnrolmentDocument | undefined> {
    const enrolment = withSettled(decision)
    const result = await this.#parts.commits.append({
      ...also,
      ...given({ alone, joinsAtMost, decided }),
      enrolments: [enrolment],
      entries: [...(also.entries ?? []), ...beside, ...entries.map((entry) => ({ subject: enrolment.id, entry }))]
    })
    if (result === 'stale') return undefined
    if (result === 'decided') throw new DecidedAlready()
    if (result !== 'committed') throw taken(result, enrolment)
    return { ...enrolment, revision: enrolment.revision + 1 }
  }

  /**
   * Writes decisions by which nobody gets anything, all of them or none. False if the enrolment of one was at another revision.
   */
  async commitTogether(decisions: readonly Decision[], also: Change): Promise<boolean> {
    const enrolments = decisions.map(({ enrolment }) => withSettled(enrolment))
    const result = await this.#parts.commits.append({
      ...also,
      enrolments,
      entries: [
        ...(also.entries ?? []),
        ...decisions.flatMap(({ enrolment: { id }, entries }) => entries.map((entry) => ({ subject: id, entry })))
      ]
    })
    if (result === 'stale') return false
    if (result !== 'committed') throw new Error(`the store refused a decision that gives nobody anything: ${result}`)
    return true
  }
}

const taken = (
  result: Exclude<CommitResult, 'committed' | 'stale' | 'decided'>,
  { name }: EnrolmentDocument
): ProblemError => {
  switch (result) {
    case 'name-taken':
      return new ProblemError('name-in-use', {
        detail: `another enrolment holds the name ${name}`,
        remedy: 'see which one: joinery list; reject or remove it, or give this machine another name by a new code'
      })
    case 'key-taken':
      return new ProblemError('already-enrolled', { detail: 'this key has a live enrolment' })
    case 'control-plane-busy':
      return busy('another control plane was faster')
    case 'joins-full':
      return joinsFull('other machines were faster')
  }
}
