import type { Csr } from '../../ports/cluster/csrs.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'

/** Most new requests of one enrolment that are judged in one pass: some fifty milliseconds. */
const unseenAtOnce = 32

/**
 * Remembers which requests were judged for an enrolment as it is now. To judge a request again, by the same document, would
 * change nothing, and to parse it takes time. What a request asks for never changes; whether it was approved, denied or issued
 * does. Holds only requests that the cluster lists.
 */
export class JudgedCsrs {
  /** The stamp of each judged request by its uid: the enrolment, its revision, and what had become of the request. */
  readonly #judged = new Map<string, string>()

  /** The requests that were not judged for this revision of the enrolment. */
  unjudged(enrolment: EnrolmentDocument, csrs: readonly Csr[]): Csr[] {
    return csrs.filter((csr) => !this.isJudged(enrolment, csr))
  }

  /**
   * Requests that one pass looks at: all that were judged before, and a few of the others. A loop of requests takes as many
   * passes as it needs, and no other enrolment waits for its end.
   */
  turn(csrs: readonly Csr[]): Turn {
    const { seen = [], unseen = [] } = Object.groupBy(csrs, ({ uid }) => (this.#judged.has(uid) ? 'seen' : 'unseen'))
    const few = unseen.slice(0, unseenAtOnce)
    return { csrs: [...seen, ...few], unseen: few, isWhole: few.length === unseen.length }
  }

  isJudged(enrolment: EnrolmentDocument, csr: Csr): boolean {
    return this.#judged.get(csr.uid) === stamp(enrolment, csr)
  }

  /** Notes that these requests were judged for this revision, or for one that differs in nothing. */
  note(enrolment: EnrolmentDocument, csrs: readonly Csr[]): void {
    for (const csr of csrs) this.#judged.set(csr.uid, stamp(enrolment, csr))
  }

  /** Forgets requests that the cluster no longer lists. */
  keep(listed: readonly Csr[]): void {
    const uids = new Set(listed.map(({ uid }) => uid))
    for (const uid of this.#judged.keys()) if (!uids.has(uid)) this.#judged.delete(uid)
  }
}

export interface Turn {
  readonly csrs: readonly Csr[]
  /** The requests among `csrs` that were never judged. */
  readonly unseen: readonly Csr[]
  /** True if nothing is left for the next pass. */
  readonly isWhole: boolean
}

const stamp = ({ id, revision }: EnrolmentDocument, { approved, denied, certificate }: Csr): string =>
  `${id} ${revision} ${approved} ${denied} ${certificate !== undefined}`
