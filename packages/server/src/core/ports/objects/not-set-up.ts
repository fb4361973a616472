import { setupRemedy } from '@joinery/kube'
import { doorGroup, doorVersion } from '@joinery/kube/door'
import { ProblemError } from '@joinery/protocol'

/** The problem of a cluster that an earlier version set up, or where somebody deleted what setup made. */
export class NotSetUp extends ProblemError {
  constructor(detail: string) {
    super('cluster-unavailable', { detail, remedy: setupRemedy })
  }
}

/** The problem of a cluster that does not serve the kind in the present version. */
export const notServed = (plural: string): NotSetUp =>
  new NotSetUp(`the cluster does not serve ${plural} of ${doorGroup}/${doorVersion} (404)`)
