import { sideBySide } from '../base/side-by-side.ts'
import { noOpenAttempt, openAttempt } from '../enrolment/facts/attempts.ts'
import type { BannedNames } from '../ports/cluster/banned-names.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Names } from '../ports/store/names.ts'
import type { Store } from '../ports/store/store.ts'
import { bannedFor, banReason } from './ban-reason.ts'
import type { BanTurn, BanTurns } from './cluster-guard.ts'
import { bannedOne, isLifted } from './decide-ban.ts'

interface Parts {
  store: Pick<Store, 'enrolment' | 'enrolmentsByName'>
  names: Pick<Names, 'namesNotedBanned' | 'namesHeld'>
  cluster: Pick<BannedNames, 'bans'>
  turns: BanTurns
}

/** Names that a sweep corrects at a time. */
const atOnce = 4

/**
 * Makes the ban list follow the store. Calls for one name are made in turn. A call that lifts a ban looks at the store before
 * and after. The next sweep makes good a call that is carried out late.
 */
export class Bans {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Bans the name if the store still says so when its turn comes. */
  ban(name: string): Promise<void> {
    return this.#parts.turns.do(name, (turn) => this.#ban(name, turn))
  }

  /**
   * Lifts the ban of the name for the open attempt. Throws `illegal-event` if the attempt is over, and then the name is banned
   * as before.
   */
  lift({ id, name }: Pick<EnrolmentDocument, 'id' | 'name'>): Promise<void> {
    return this.#parts.turns.do(name, async (turn) => {
      await this.#requireOpen(id)
      await this.#unban(name, turn)
      await this.#requireOpen(id)
    })
  }

  /** Bans the names that the store says are banned, and lifts the bans that a claim lifted. Called at each sweep. */
  async follow(): Promise<void> {
    const { store, names, cluster, turns } = this.#parts
    const [list, noted, held] = [await cluster.bans(), await names.namesNotedBanned(), new Set(await names.namesHeld())]
    const missing = noted.filter((name) => !list.has(name))
    const over = [...list].filter(([name, reason]) => held.has(name) && bannedFor(reason) !== undefined)
    await sideBySide(missing, atOnce, (name) => this.ban(name))
    await sideBySide(over, atOnce, ([name, reason]) =>
      turns.do(name, async (turn) => {
        if (isLifted(reason, await store.enrolmentsByName(name))) await this.#unban(name, turn)
      })
    )
  }

  async #ban(name: string, turn: BanTurn): Promise<void> {
    const banned = bannedOne(await this.#parts.store.enrolmentsByName(name))
    if (banned !== undefined) await turn.ban(banReason(banned.id, `it is ${banned.state}`))
  }

  /**
   * Lifts a ban. The end of the attempt may have come while the call was on its way, so the name is banned again if the store
   * says so.
   */
  async #unban(name: string, turn: BanTurn): Promise<void> {
    await turn.unban()
    await this.#ban(name, turn)
  }

  async #requireOpen(id: string): Promise<void> {
    const enrolment = await this.#parts.store.enrolment(id)
    if (enrolment === undefined || openAttempt(enrolment) === undefined) throw noOpenAttempt()
  }
}
