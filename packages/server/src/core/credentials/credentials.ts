import { callTimeout } from '@joinery/kube'
import type { CredentialKind } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import { InTurn } from '../base/in-turn.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import { expiryOf, leftovers, noOpenAttempt, openAttempt, withAttempt } from '../enrolment/facts/attempts.ts'
import { decideCertificateBan, isToBan } from '../enrolment/node/certificate-ban.ts'
import type { MasterKeys } from '../keys/master-keys.ts'
import type { ApiSight } from '../ports/cluster/api-sight.ts'
import { clusterClock } from '../ports/cluster/cluster-clock.ts'
import type { Csrs } from '../ports/cluster/csrs.ts'
import type { AttemptDocument } from '../ports/store/documents/attempt-document.ts'
import type { EnrolmentDocument } from '../ports/store/documents/enrolment-document.ts'
import type { Store } from '../ports/store/store.ts'
import type { Sleep } from './await-issued.ts'
import type { Bans } from './bans.ts'
import type { Giving, TakingAway } from './cluster-guard.ts'
import type { Asked, Given, GiveParts, Kind, Open } from './kind.ts'
import { kindOfAttempt } from './kinds.ts'

interface Parts {
  store: Store
  cluster: Pick<ApiSight, 'now'> & Pick<Csrs, 'ownCsr'>
  giving: Giving
  takingAway: TakingAway
  clock: Clock
  sleep: Sleep
  enrolments: Enrolments
  bans: Pick<Bans, 'ban'>
  masterKeys: Pick<MasterKeys, 'newest' | 'of'>
  /** Credential kind that the server is set to. If set to certificates, it has no right to Secrets. */
  kind: CredentialKind
}

/**
 * Makes and deletes the credentials of attempts. Invariant: a token's Secret, or the server's own CSR, exists only while its
 * attempt is open. Making and deleting those of one enrolment never overlap, so a delete cannot slip between the look at the
 * state and the create.
 */
export class Credentials {
  readonly #parts: Parts
  readonly #turns = new InTurn()
  /** Token ids and names of CSRs that were deleted, and may still come. */
  readonly #deleted = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Id of the master key for the token of a new attempt. Undefined for the first one. */
  get masterKey(): string | undefined {
    return this.#parts.masterKeys.newest
  }

  /**
   * Gives the credential of the enrolment's open attempt, and makes it if it is not there. Throws `illegal-event` if no attempt
   * is open, and what the kind throws.
   */
  give<Secret extends object>(kind: Kind<Secret>, id: string, asked: Asked = {}): Promise<Given<Secret>> {
    const { cluster, giving, enrolments, sleep, masterKeys } = this.#parts
    const inTurn: GiveParts['inTurn'] = (work) => this.#turns.do(id, async () => work(await this.#open(id)))
    return kind.give({ id, inTurn, cluster, giving, enrolments, sleep, masterKeys }, asked)
  }

  /**
   * Deletes every token and CSR of the enrolment whose attempt is over. Bans the name if a certificate for it may be about that
   * must bring no Node. `sweep`: deletes once more what can still come. Throws if the cluster cannot be reached; the next sweep
   * tries again.
   */
  async settle(enrolment: EnrolmentDocument, sweep = false): Promise<void> {
    const { bans, enrolments } = this.#parts
    if (isToBan(enrolment)) {
      // the ban comes before its note: what is cut here is done again
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

  /** True if a credential of the enrolment must be deleted now. One that was deleted and can still come waits for the sweep. */
  hasToDelete(enrolment: EnrolmentDocument, sweep: boolean): boolean {
    return leftovers(enrolment).some((attempt) => sweep || this.#isLast(attempt) || !this.#deleted.has(nameOf(attempt)))
  }

  /** True if the credential can come no more: one that is deleted now is gone for good. */
  #isLast(attempt: AttemptDocument): boolean {
    const { cluster, clock } = this.#parts
    return clusterClock(cluster, clock).now().getTime() >= expiryOf(attempt).getTime() + callTimeout
  }

  /**
   * Deletes the credential of an attempt, and returns the fields to note. Undefined while the credential can still come: a
   * request for one may be carried out when nobody waits for it any more, so that there is none now says nothing.
   */
  async #remove(attempt: AttemptDocument, sweep: boolean): Promise<Partial<AttemptDocument> | undefined> {
    const { takingAway, kind: server } = this.#parts
    const kind = kindOfAttempt(attempt)
    const what = nameOf(attempt)
    const last = this.#isLast(attempt)
    if (last || sweep || !this.#deleted.has(what)) {
      await kind.settle(attempt, { takingAway, kind: server })
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

/** Id of the attempt's token, or name of its CSR. */
const nameOf = ({ credentialCsr, tokenId = '' }: AttemptDocument): string => credentialCsr ?? tokenId
