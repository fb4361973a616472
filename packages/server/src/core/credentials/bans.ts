import { InTurn } from '../base/in-turn.ts'
import { sideBySide } from '../base/side-by-side.ts'
import { noOpenAttempt, openAttempt } from '../enrolment/facts/attempts.ts'
import type { Cluster } from '../ports/cluster/cluster.ts'
import type { EnrolmentDocument, Store } from '../ports/store/store.ts'
import { bannedFor, banReason } from './ban-reason.ts'
import { bannedOne, isLifted } from './decide-ban.ts'

interface Parts {
  store: Pick<Store, 'enrolment' | 'enrolmentsByName' | 'namesNotedBanned' | 'namesHeld'>
  cluster: Cluster
}

/** Names that a sweep corrects at a time. */
const atOnce = 4

/**
 * Makes the ban list follow the store. Calls for one name are made in turn. A call that lifts a ban looks at the store before
 * and after. The next sweep makes good a call that is carried out late.
 */
export class Bans {
  readonly #parts: Parts
  readonly #turns = new InTurn()
  /** The cluster, whose bans are made in turn. */
  readonly cluster: Cluster

  constructor(parts: Parts) {
    this.#parts = parts
    const { cluster } = parts
    const inTurn: Pick<Cluster, 'ban' | 'unban'> = {
      ban: (name, reason) => this.#turns.do(name, () => cluster.ban(name, reason)),
      unban: (name) => this.#turns.do(name, () => cluster.unban(name))
    }
    this.cluster = Object.assign(Object.create(cluster) as Cluster, inTurn)
  }

  /** Bans the name if the store still says so when its turn comes. */
  ban(name: string): Promise<void> {
    return this.#turns.do(name, () => this.#ban(name))
  }

  /**
   * Lifts the ban of the name for the open attempt. Throws `illegal-event` if the attempt is over, and then the name is banned
   * as before.
   */
  lift({ id, name }: Pick<EnrolmentDocument, 'id' | 'name'>): Promise<void> {
    return this.#turns.do(name, async () => {
      await this.#requireOpen(id)
      await this.#unban(name)
      await this.#requireOpen(id)
    })
  }

  /** Bans the names that the store says are banned, and lifts the bans that a claim lifted. Called at each sweep. */
  async follow(): Promise<void> {
    const { store, cluster } = this.#parts
    const [list, noted, held] = [await cluster.bans(), await store.namesNotedBanned(), new Set(await store.namesHeld())]
    const missing = noted.filter((name) => !list.has(name))
    const over = [...list].filter(([name, reason]) => held.has(name) && bannedFor(reason) !== undefined)
    await sideBySide(missing, atOnce, (name) => this.ban(name))
    await sideBySide(over, atOnce, ([name, reason]) =>
      this.#turns.do(name, async () => {
        if (isLifted(reason, await store.enrolmentsByName(name))) await this.#unban(name)
      })
    )
  }

  async #ban(name: string): Promise<void> {
    const { store, cluster } = this.#parts
    const banned = bannedOne(await store.enrolmentsByName(name))
    if (banned !== undefined) await cluster.ban(name, banReason(banned.id, `it is ${banned.state}`))
  }

  /**
   * Lifts a ban. The end of the attempt may have come while the call was on its way, so the name is banned again if the store
   * says so.
   */
  async #unban(name: string): Promise<void> {
    await this.#parts.cluster.unban(name)
    await this.#ban(name)
  }

  async #requireOpen(id: string): Promise<void> {
    const enrolment = await this.#parts.store.enrolment(id)
    if (enrolment === undefined || openAttempt(enrolment) === undefined) throw noOpenAttempt()
  }
}
