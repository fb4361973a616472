import type { TimelineEntry } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { budgets } from '../base/budgets.ts'
import type { Monotonic } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { Buckets } from '../rates/buckets.ts'
import type { EnrolmentDocument } from '../store/store.ts'

/**
 * Has the log say what happened to an enrolment: all that is an alert or that others did, and of what its agent
 * causes, or its kubelet in the cluster, as much as a log can bear. A machine that nobody approved cannot push out what others log.
 */
export class EntryLog {
  readonly #log: Logger
  readonly #lines: Buckets

  constructor(log: Logger, monotonic: Monotonic) {
    this.#log = log
    this.#lines = new Buckets(budgets.log.lines, monotonic, budgets.rememberedKeys)
  }

  write({ id, name }: Pick<EnrolmentDocument, 'id' | 'name'>, entry: TimelineEntry): void {
    const { event, actor, by, detail, alert } = entry
    if (byMachine.includes(actor) && !alert && this.#lines.take(`${actor}/${id}`) > 0) return
    const line = detail.length > budgets.log.detail ? `${detail.slice(0, budgets.log.detail)}...` : detail
    this.#log[alert ? 'warn' : 'info']({ enrolment: id, name, actor, ...given({ by }), event }, line)
  }
}

/** A kubelet speaks through the cluster. */
const byMachine: readonly string[] = ['agent', 'cluster']
