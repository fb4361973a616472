import type { Csr } from '../ports/cluster/csrs.ts'
import type { EnrolmentHead } from '../ports/store/documents/enrolment-document.ts'

/** All that a pass judges an enrolment by. */
export interface Judged {
  revision: number
  /** Stamp of its Node. */
  node: string | undefined
  csrs: readonly Csr[]
}

/**
 * Remembers enrolments for which a pass found nothing to do, and what it judged them by. While none of that changes, the next
 * pass finds the same and need not read them. Not for enrolments that time alone changes.
 */
export class LeftAlone {
  readonly #judged = new Map<string, string>()

  has(id: string, judged: Judged): boolean {
    return this.#judged.get(id) === stamp(judged)
  }

  note(id: string, judged: Judged): void {
    this.#judged.set(id, stamp(judged))
  }

  /** Forgets enrolments that are no longer in sight. */
  keep(heads: readonly Pick<EnrolmentHead, 'id'>[]): void {
    const ids = new Set(heads.map(({ id }) => id))
    for (const id of this.#judged.keys()) if (!ids.has(id)) this.#judged.delete(id)
  }
}

/** Stamp of all that an enrolment is judged by. What a request asks for never changes. */
const stamp = ({ revision, node = '', csrs }: Judged): string =>
  [
    revision,
    node,
    ...csrs.map((csr) => `${csr.uid} ${csr.approved} ${csr.denied} ${csr.certificate !== undefined}`)
  ].join('\n')
