import { callTimeout } from '@joinery/kube/bounded-config.ts'
import type { CredentialKind } from '@joinery/protocol'
import type { Clock } from '../base/clock.ts'
import { InTurn } from '../base/in-turn.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { clusterClock } from '../cluster/cluster-clock.ts'
import type { Enrolments } from '../commit/enrolments.ts'
import { requireOwnCsr } from '../enrolment/csr/approved-request.ts'
import { decideIssued } from '../enrolment/csr/decide-issued.ts'
import { decideStray, isStray } from '../enrolment/csr/stray-certificates.ts'
import { expiryOf, leftovers, noOpenAttempt, openAttempt, withAttempt } from '../enrolment/facts/attempts.ts'
import { tokenGroupOf } from '../enrolment/facts/token-group.ts'
import { decideCertificateBan, isToBan } from '../enrolment/node/certificate-ban.ts'
import type { AttemptDocument, EnrolmentDocument, Store } from '../store/store.ts'
import { awaitIssued, type Sleep } from './await-issued.ts'
import type { Bans } from './bans.ts'
import { tokenSecret } from './derive.ts'

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
   * Makes the token of the open attempt, which is committed already, or finds that it was made. Gives `id.secret`.
   * `signing`: it is to vouch for `cluster-info`, too.
   */
  async token(id: string, { signing = false } = {}): Promise<{ attempt: AttemptDocument; token: string }> {
    return this.#turns.do(id, async () => {
      const { cluster, masterKey } = this.#parts
      const { enrolment, attempt } = await this.#open(id)
      if (attempt.tokenId === undefined) throw noOpenAttempt()
      const secret = tokenSecret(masterKey, id, attempt.number)
      await cluster.createToken({
        id: attempt.tokenId,
        secret,
        group: tokenGroupOf(enrolment),
        signing,
        expires: expiryOf(attempt),
        description: `joinery enrolment ${id} attempt ${attempt.number}`
      })
      return { attempt, token: `${attempt.tokenId}.${secret}` }
    })
  }

  /**
   * Has the cluster issue the certificate of the open attempt, which is committed already, or finds the one that it issued.
   * `request`: the PKCS#10 request that was approved. Gives PEM, once it is durable that it was given out.
   */
  async certificate(id: string, request: string): Promise<{ attempt: AttemptDocument; certificate: string }> {
    const { cluster, sleep, enrolments } = this.#parts
    const { attempt, csr } = await this.#turns.do(id, async () => {
      const { enrolment, attempt } = await this.#open(id)
      if (attempt.credentialCsr === undefined) throw noOpenAttempt()
      const csr = await cluster.createOwnCsr({ name: attempt.credentialCsr, request })
      // what is there already may be somebody else's
      requireOwnCsr(csr, enrolment)
      if (!csr.approved) await cluster.approveCsr(csr)
      return { attempt, csr }
    })
    const certificate = csr.certificate ?? (await awaitIssued(csr.name, cluster, sleep))
    const after = await enrolments.change(
      id,
      (current, now) =>
        decideStray(current, { ...csr, certificate }, { name: current.name }, now) ??
        decideIssued(current, attempt.number, csr, certificate, now)
    )
    if (isStray(after, csr.uid)) throw noOpenAttempt()
    return { attempt, certificate }
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
    const { cluster, kind } = this.#parts
    const { credentialCsr, tokenId = '' } = attempt
    const what = nameOf(attempt)
    const last = this.#isLast(attempt)
    if (last || sweep || !this.#deleted.has(what)) {
      if (credentialCsr !== undefined) await cluster.deleteOwnCsr(credentialCsr)
      // one of before the server was set to certificates the cluster deletes when it expires
      else if (kind === 'token') await cluster.deleteToken(tokenId)
      this.#deleted.add(what)
    }
    if (!last) return undefined
    this.#deleted.delete(what)
    return credentialCsr === undefined ? { tokenDeleted: true } : { csrDeleted: true }
  }

  async #open(id: string): Promise<{ enrolment: EnrolmentDocument; attempt: AttemptDocument }> {
    const enrolment = await this.#parts.store.enrolment(id)
    const attempt = enrolment && openAttempt(enrolment)
    if (enrolment === undefined || attempt === undefined) throw noOpenAttempt()
    return { enrolment, attempt }
  }
}

/** Of its token or its CSR. */
const nameOf = ({ credentialCsr, tokenId = '' }: AttemptDocument): string => credentialCsr ?? tokenId
