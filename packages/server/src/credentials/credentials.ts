import { callTimeout } from '@joinery/kube'
import type { CredentialKind } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import { InTurn } from '../base/in-turn.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { clusterClock } from '../cluster/cluster-clock.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import { expiryOf, leftovers, noOpenAttempt, openAttempt, withAttempt } from '../enrolment/facts/attempts.ts'
import { decideCertificateBan, isToBan } from '../enrolment/node/certificate-ban.ts'
import type { AttemptDocument, EnrolmentDocument, Store } from '../store/store.ts'
import type { Sleep } from './await-issued.ts'
import type { Bans } from './bans.ts'
import type { Asked, Given, GiveParts, Kind, Open } from './kind.ts'
import { kindOfAttempt } from './kinds.ts'

interface Parts {
  store: Store
  cluster: Cluster
  clock: Clock
  sleep: Sleep
  enrolments: Enrolments
  bans: Pick<Bans, 'ban'>
  masterKey: Uint8Array
  /** As the server is set: to certificates it has no right to Secrets. */
  kind: CredentialKind
}

/**
 * Credentials of open attempts. Invariant: a token's Secret, or the server's own CSR, exists only while its attempt is open.
 * Making and deleting those of one enrolment never overlap, so a delete cannot slip between the look at the state and the
 * create.
 */
export class Credentials {
  readonly #parts: Parts
  readonly #turns = new InTurn()
  /** Token ids and names of CSRs that were deleted, and may still come. */
  readonly #deleted = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Gives what the open attempt of the enrolment is to get, and makes it if it is not there. Throws `illegal-event` if no attempt
   * is open, and what the kind throws.
   */
  give<Secret extends object>(kind: Kind<Secret>, id: string, asked: Asked = {}): Promise<Given<Secret>> {
    const { cluster, enrolments, sleep, masterKey } = this.#parts
    const inTurn: GiveParts['inTurn'] = (work) => this.#turns.do(id, async () => work(await this.#open(id)))
    return kind.give({ id, inTurn, cluster, enrolments, sleep, masterKey }, asked)
  }

  /**
   * Deletes every token and CSR of the enrolment whose attempt is over, and bans the name where a certificate for it may be
   * about that must bring no Node. `sweep`: also deletes once more what can still come. Throws where the cluster cannot be
   * reached; the sweep comes again.
   */
  async settle(enrolment: EnrolmentDocument, sweep = false): Promise<void> {
    const { bans, enrolments } = this.#parts
    if (isToBan(enrolment)) {
      // before it is written down: what is cut here is done again
      await bans.ban(enrolment.name)
      await enrolments.change(enrolment.id, decideCertificateBan)
    }
    for (const attempt of leftovers(enrolment)) {
      const gone = await this.#turns.do(enrolment.id, () => this.#remove(attempt, sweep))
      if (gone === undefined) continue
      await enrolments.change(enrolment.id, (current) => ({
        enrolment: withAttempt(current, attempt.number, gone),
        entries: []
      }))
    }
  }

  /** Settles what can be settled now; the sweep settles the rest. */
  async settleSoon(enrolment: EnrolmentDocument): Promise<void> {
    await this.settle(enrolment).catch(() => undefined)
  }

  /** Something of the enrolment is to be deleted now. What was deleted and can still come waits for the sweep. */
  hasToDelete(enrolment: EnrolmentDocument, sweep: boolean): boolean {
    return leftovers(enrolment).some((attempt) => sweep || this.#isLast(attempt) || !this.#deleted.has(nameOf(attempt)))
  }

  /** It can come no more, so what is deleted now is gone for good. */
  #isLast(attempt: AttemptDocument): boolean {
    const { cluster, clock } = this.#parts
    return clusterClock(cluster, clock).now().getTime() >= expiryOf(attempt).getTime() + callTimeout
  }

  /**
   * What is known afterwards; undefined while it can still come: one that was asked for may be made when nobody waits for it any
   * more, and that it is not there now says nothing.
   */
  async #remove(attempt: AttemptDocument, sweep: boolean): Promise<Partial<AttemptDocument> | undefined> {
    const { cluster, kind: server } = this.#parts
    const kind = kindOfAttempt(attempt)
    const what = nameOf(attempt)
    const last = this.#isLast(attempt)
    if (last || sweep || !this.#deleted.has(what)) {
      await kind.settle(attempt, { cluster, kind: server })
      this.#deleted.add(what)
    }
    if (!last) return undefined
    this.#deleted.delete(what)
    return kind.settled
  }

  async #open(id: string): Promise<Open> {
    const enrolment = await this.#parts.store.enrolment(id)
    const attempt = enrolment && openAttempt(enrolment)
    if (enrolment === undefined || attempt === undefined) throw noOpenAttempt()
    return { enrolment, attempt }
  }
}

/** Of its token or its CSR. */
const nameOf = ({ credentialCsr, tokenId = '' }: AttemptDocument): string => credentialCsr ?? tokenId
