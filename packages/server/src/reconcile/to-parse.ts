import type { Csr } from '../cluster/cluster.ts'
import type { EnrolmentDocument } from '../store/store.ts'

/** Requests that a guard will parse: not those that were denied, or that the enrolment knows already. */
export const toParse = ({ attempts }: EnrolmentDocument, csrs: readonly Csr[]): string[] => {
  const known = new Set(
    attempts.flatMap(({ csr, refusedCsrs, kubeletCsrs = [] }) => [
      csr?.uid,
      ...refusedCsrs,
      ...kubeletCsrs.map(({ uid }) => uid)
    ])
  )
  return csrs.flatMap((csr) => (csr.denied || known.has(csr.uid) ? [] : csr.request))
}
