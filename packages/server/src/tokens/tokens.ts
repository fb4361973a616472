import { ProblemError } from '@joinery/protocol'
import { type Cluster, workerGroup } from '../cluster/cluster.ts'
import { leftoverTokens, openAttempt, withAttempt } from '../enrolments/attempts.ts'
import type { Enrolments } from '../enrolments/enrolments.ts'
import type { AttemptDocument, EnrolmentDocument, Store } from '../store/store.ts'
import { tokenSecret } from './derive.ts'

interface Parts {
  store: Store
  cluster: Cluster
  enrolments: Enrolments
  masterKey: Uint8Array
}

/**
 * Bootstrap tokens of open attempts. Invariant: a Secret exists only while its attempt is open. Making and deleting the
 * tokens of one enrolment never overlap, so a delete cannot slip between the look at the state and the create.
 */
export class Tokens {
  readonly #parts: Parts
  readonly #queues = new Map<string, Promise<unknown>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Makes the token of the open attempt, which is committed already, or finds that it was made. Gives `id.secret`. */
  async mint(id: string): Promise<{ attempt: AttemptDocument; token: string }> {
    return this.#inTurn(id, async () => {
      const { store, cluster, masterKey } = this.#parts
      const enrolment = await store.enrolment(id)
      const attempt = enrolment && openAttempt(enrolment)
      if (enrolment === undefined || attempt === undefined) {
        throw new ProblemError('illegal-event', { detail: 'there is no open attempt' })
      }
      const secret = tokenSecret(masterKey, id, attempt.number)
      await cluster.createToken({
        id: attempt.tokenId,
        secret,
        group: workerGroup,
        expires: new Date(attempt.deadline),
        description: `joinery enrolment ${id} attempt ${attempt.number}`
      })
      return { attempt, token: `${attempt.tokenId}.${secret}` }
    })
  }

  /** Deletes every token of the enrolment whose attempt is over. Throws where the cluster cannot be reached; the sweep
   * comes again. */
  async settle(enrolment: EnrolmentDocument): Promise<void> {
    for (const { number, tokenId } of leftoverTokens(enrolment)) {
      await this.#inTurn(enrolment.id, () => this.#parts.cluster.deleteToken(tokenId))
      await this.#parts.enrolments.change(enrolment.id, (current) => ({
        enrolment: withAttempt(current, number, { tokenDeleted: true }),
        entries: []
      }))
    }
  }

  async #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(id) ?? Promise.resolve()
    const turn = before.then(work, work)
    const settled = turn.catch(() => undefined)
    this.#queues.set(id, settled)
    await settled
    if (this.#queues.get(id) === settled) this.#queues.delete(id)
    return turn
  }
}
