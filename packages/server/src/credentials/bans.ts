import { InTurn } from '../base/in-turn.ts'
import { sideBySide } from '../base/side-by-side.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { noOpenAttempt, openAttempt } from '../enrolment/facts/attempts.ts'
import type { EnrolmentDocument, Store } from '../store/store.ts'
import { bannedFor, banReason } from './ban-reason.ts'
import { bannedOne, isLifted } from './decide-ban.ts'

interface Parts {
  store: Pick<Store, 'enrolment' | 'enrolmentsByName' | 'namesNotedBanned' | 'namesHeld'>
  cluster: Cluster
}

/** Names that a sweep mends at a time. */
const atOnce = 4

/**
 * The ban list follows from the store. What is done to one name is done in turn, and what lifts a ban looks at the store before
 * and after it; a call that is carried out late is made good by the next sweep.
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

  /** Bans the name if the store says so when it is its turn. */
  ban(name: string): Promise<void> {
    return this.#turns.do(name, () => this.#ban(name))
  }

  /** Lifts the ban of the name for the open attempt. Throws `illegal-event` where it is over, and then the name is banned as it was. */
  lift({ id, name }: Pick<EnrolmentDocument, 'id' | 'name'>): Promise<void> {
    return this.#turns.do(name, async () => {
      await this.#requireOpen(id)
      await this.#unban(name)
      await this.#requireOpen(id)
    })
  }

  /** Bans whom the store says to be banned, and lifts what a claim lifted: at each sweep. */
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

  /** The end may have come while the call was on its way. */
  async #unban(name: string): Promise<void> {
    await this.#parts.cluster.unban(name)
    await this.#ban(name)
  }

  async #requireOpen(id: string): Promise<void> {
    const enrolment = await this.#parts.store.enrolment(id)
    if (enrolment === undefined || openAttempt(enrolment) === undefined) throw noOpenAttempt()
  }
}
