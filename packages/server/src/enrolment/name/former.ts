import type { Enrolment, State } from '@joinery/protocol'
import type { AttemptDocument, EnrolmentDocument } from '../../store/store.ts'
import { mayHaveNoNode } from '../node/unwanted-node.ts'

/** Before its claim: only that lifts a ban. */
const waits: readonly State[] = ['pending', 'approved']

/**
 * The newest enrolment of the same name whose machine may still hold a kubelet's certificate, while this one has not claimed.
 * `named`: all of that name, in order of creation.
 */
export const formerOf = (
  { id, state }: EnrolmentDocument,
  named: readonly EnrolmentDocument[]
): Enrolment['former'] => {
  if (!waits.includes(state)) return undefined
  const former = named.findLast(
    (other) => other.id !== id && mayHaveNoNode.includes(other.state) && other.attempts.some(mayHoldCertificate)
  )
  if (former === undefined) return undefined
  const expires = former.attempts.flatMap(({ certificateExpires = [] }) => certificateExpires).sort()
  const last = expires.at(-1)
  return { enrolment: former.id, ...(last !== undefined && { certificateExpires: last }) }
}

const mayHoldCertificate = ({ csr, issued, certificate }: AttemptDocument): boolean =>
  (csr ?? issued ?? certificate) !== undefined
