import { ProblemError } from '@joinery/protocol'

export const setupRemedy = 'joinery-server setup --kubeconfig /etc/kubernetes/admin.conf'

/** The problem of a cluster that an earlier version set up, or where somebody deleted what setup made. */
export class NotSetUp extends ProblemError {
  constructor(detail: string) {
    super('cluster-unavailable', { detail, remedy: setupRemedy })
  }
}
