import type { Csr } from '../cluster/cluster.ts'
import type { EnrolmentHead } from '../store/store.ts'

/** All that a pass judges an enrolment by. */
export interface Judged {
  revision: number
  /** Of its Node. */
  node: string | undefined
  csrs: readonly Csr[]
}

/**
 * Enrolments for which a pass found nothing to do, and by what it judged: while none of that changes the next pass finds the same,
 * and need not read them. Not for what time alone changes.
 */
export class LeftAlone {
  readonly #judged = new Map<string, string>()

  has(id: string, judged: Judged): boolean {
    return this.#judged.get(id) === stamp(judged)
  }

  note(id: string, judged: Judged): void {
    this.#judged.set(id, stamp(judged))
  }

  /** Forgets those that are no longer in sight. */
  keep(heads: readonly Pick<EnrolmentHead, 'id'>[]): void {
    const ids = new Set(heads.map(({ id }) => id))
    for (const id of this.#judged.keys()) if (!ids.has(id)) this.#judged.delete(id)
  }
}

/** What was asked for never changes. */
const stamp = ({ revision, node = '', csrs }: Judged): string =>
  [
    revision,
    node,
    ...csrs.map((csr) => `${csr.uid} ${csr.approved} ${csr.denied} ${csr.certificate !== undefined}`)
  ].join('\n')
