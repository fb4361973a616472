import { ProblemError } from '@joinery/protocol'
import type { EnrolmentDocument } from '../store/store.ts'

/**
 * Two control planes that join at once would both become members of etcd before either is proven. `joining`: enrolments
 * between their token and Ready. Throws `control-plane-busy` while another one of these is a control plane.
 */
export const requireOneControlPlane = (
  { id }: Pick<EnrolmentDocument, 'id'>,
  joining: readonly EnrolmentDocument[]
): void => {
  const other = joining.find((one) => one.role === 'control-plane' && one.id !== id)
  if (other === undefined) return
  throw new ProblemError('control-plane-busy', {
    detail: `${other.name} is joining as a control plane`,
    remedy: `wait until it is ready: joinery show ${other.name}`
  })
}
