import { hourOf, type Rule } from '@joinery/policy'
import { entry } from '../../core/enrolment/decision/decision.ts'
import type { Store } from '../../core/ports/store/store.ts'
import { policySubject, type SubjectEntry } from '../../core/ports/store/timeline.ts'

interface Count {
  /** Beginning of the hour. */
  hour: string
  count: number
}

/**
 * Counts what each rule approved in this hour of the clock. The count is an entry that is written in the commit of the approval itself,
 * so neither a crash nor a restart forgets one.
 */
export class Quotas {
  readonly #store: Pick<Store, 'timeline'>
  readonly #counts = new Map<string, Count>()

  constructor(store: Pick<Store, 'timeline'>) {
    this.#store = store
  }

  /** Reads the counts of this hour that are not known yet. */
  async read(rules: readonly Rule[], now: Date): Promise<void> {
    const hour = hourOf(now).toISOString()
    for (const { name, quota } of rules) {
      if (quota === undefined || this.#counts.get(name)?.hour === hour) continue
      const timeline = await this.#store.timeline(policySubject(`quota/${name}`))
      const { count = 0 } = timeline.findLast(({ event, at }) => event === counted && at === hour) ?? {}
      this.#counts.set(name, { hour, count })
    }
  }

  /** Number of machines that the rule approved in the hour whose counts were read last. */
  countOf({ name }: Rule): number {
    return this.#counts.get(name)?.count ?? 0
  }

  /** True if the rule approved as many as it may in the hour whose counts were read last. */
  isSpent(rule: Rule): boolean {
    return rule.quota !== undefined && this.countOf(rule) >= rule.quota
  }

  /**
   * Takes one from the quota of a rule, and gives the entry that says so. It stays taken if nobody knows whether the entry was written.
   * Undefined if the rule has no quota.
   */
  take({ name, quota }: Rule, now: Date): { counted: SubjectEntry; giveBack: () => void } | undefined {
    if (quota === undefined) return undefined
    const hour = hourOf(now).toISOString()
    const before = this.#counts.get(name)
    const count = (before?.hour === hour ? before.count : 0) + 1
    this.#counts.set(name, { hour, count })
    const made = entry(hourOf(now), 'policy', counted, `machines that rule ${name} approved in this hour`)
    return {
      counted: { subject: policySubject(`quota/${name}`), entry: { ...made, count, last: now.toISOString() } },
      giveBack: () => this.#counts.set(name, { hour, count: count - 1 })
    }
  }
}

const counted = 'approved'
