import type { TimelineEntry } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { budgets } from '../base/budgets.ts'
import type { Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { Buckets } from '../base/rates/buckets.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Committed, Follower } from './commits.ts'

/**
 * Logs what happened to an enrolment: every alert, and everything that others did. Entries that its agent causes, or its
 * kubelet in the cluster, are logged as far as a log can bear. So a machine that nobody approved cannot push out what others
 * log.
 */
export class EntryLog implements Follower {
  readonly name = 'log of entries'
  readonly #log: Logger
  readonly #lines: Buckets

  constructor(log: Logger, monotonic: Monotonic) {
    this.#log = log
    this.#lines = new Buckets(budgets.log.lines, monotonic, budgets.rememberedKeys)
  }

  take({ change: { enrolments = [], entries = [] } }: Committed): void {
    const byId = new Map(enrolments.map((enrolment) => [enrolment.id, enrolment]))
    for (const { subject, entry } of entries) {
      const enrolment = byId.get(subject)
      if (enrolment !== undefined) this.#write(enrolment, entry)
    }
  }

  #write({ id, name }: Pick<EnrolmentDocument, 'id' | 'name'>, entry: TimelineEntry): void {
    const { event, actor, by, detail, alert } = entry
    if (byMachine.includes(actor) && !alert && this.#lines.take(`${actor}/${id}`) > 0) return
    const line = detail.length > budgets.log.detail ? `${detail.slice(0, budgets.log.detail)}...` : detail
    this.#log[alert ? 'warn' : 'info']({ enrolment: id, name, actor, ...given({ by }), event }, line)
  }
}

/** Actors behind which a machine is. A kubelet speaks through the cluster. */
const byMachine: readonly string[] = ['agent', 'cluster']
