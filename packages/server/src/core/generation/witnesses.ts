import { hasEnded, type OwnEnrolment } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Commits } from '../commit/commits.ts'
import { DailyAlert } from '../commit/daily-alert.ts'
import type { MacKeys } from '../keys/mac.ts'
import type { Store } from '../ports/store/store.ts'
import { storeSubject } from '../ports/store/timeline.ts'
import { isOfBefore, knowsMore } from './judge-witness.ts'
import { readWitness, sealWitness } from './seal-witness.ts'
import { setBackAt } from './set-back.ts'

interface Parts {
  store: Pick<Store, 'enrolment' | 'timeline'>
  commits: Pick<Commits, 'append'>
  masterKeys: MacKeys
  clock: Clock
  log: Logger
}

/**
 * Agents as witnesses. Each agent shows which revision of its enrolment it was told last. If this store knows less, it went back in time,
 * and nothing else may have noticed. That is an alert, one a day with a count of machines, and changes nothing: a machine decides nothing.
 */
export class Witnesses {
  readonly #parts: Parts
  readonly #alert: DailyAlert

  constructor(parts: Parts) {
    this.#parts = parts
    this.#alert = new DailyAlert(parts, 'later-known', sentence)
  }

  /** Text for the answer that tells the machine of this key its enrolment. Undefined if the enrolment has ended. */
  textFor(enrolment: Pick<OwnEnrolment, 'id' | 'revision' | 'state'>, key: string): string | undefined {
    const { clock, masterKeys } = this.#parts
    if (hasEnded(enrolment)) return undefined
    const at = Math.floor(clock.now().getTime() / 1000)
    return sealWitness({ enrolment: enrolment.id, revision: enrolment.revision, at }, key, masterKeys)
  }

  /** Takes what the machine of this key shows. Never rejects: no request depends on it. */
  async hear(text: unknown, key: string): Promise<void> {
    const { store, masterKeys, clock, log } = this.#parts
    const witness = readWitness(text, key, masterKeys)
    if (witness === undefined) return
    const { enrolment: id, revision } = witness
    try {
      const present = await store.enrolment(id)
      if (!knowsMore(witness, present, clock.now())) return
      if (isOfBefore(witness, setBackAt(await store.timeline(storeSubject)))) return
      const words =
        present === undefined
          ? `${id} (${revision}, not here)`
          : `${present.name} (${revision}, here ${present.revision})`
      await this.#alert.tell(id, words)
    } catch (err) {
      log.warn(
        { err, enrolment: id, revision },
        'a machine knows a later revision than the store, and the alert is not kept'
      )
    }
  }
}

const sentence = (count: number, machines: string): string =>
  `${count} ${count === 1 ? 'machine was' : 'machines were'} told later revisions than this store has, so it went back in time: ${machines}`
