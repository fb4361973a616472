import { readPin } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Commits } from '../commit/commits.ts'
import { DailyAlert } from '../commit/daily-alert.ts'
import type { Store } from '../ports/store/store.ts'

interface Parts {
  store: Pick<Store, 'enrolmentByKey'>
  commits: Pick<Commits, 'append'>
  /** Pins that this server announces: its own, and the next one. */
  announced: readonly string[]
  clock: Clock
  log: Pick<Logger, 'warn'>
}

/**
 * Machines that keep a next pin which this server never announced: somebody else did. That is an alert, one a day with a count, and
 * changes nothing, since a machine says it.
 */
export class UnknownPins {
  readonly #parts: Parts
  readonly #alert: DailyAlert

  constructor(parts: Parts) {
    this.#parts = parts
    this.#alert = new DailyAlert(parts, 'unknown-pin', sentence)
  }

  /** Takes what the machine of this key says, in a request that was answered. Never rejects: no request depends on it. */
  async hear(key: string, header: unknown): Promise<void> {
    const { store, announced, log } = this.#parts
    const pin = readPin(header)
    if (pin === undefined || announced.includes(pin) || this.#alert.has(key)) return
    try {
      const enrolment = await store.enrolmentByKey(key)
      if (enrolment !== undefined) await this.#alert.tell(key, `${enrolment.name} (${pin})`)
    } catch (err) {
      log.warn({ err, pin }, 'a machine keeps a pin that this server never announced, and the alert is not kept')
    }
  }
}

const sentence = (count: number, machines: string): string =>
  `${count} ${count === 1 ? 'machine keeps' : 'machines keep'} a next pin that this server never announced: ${machines}`
