import type { Policy } from '@joinery/kube/names'

interface Bound {
  /** What is the case without it, in a log line and in `joinery status`. */
  missing: string
  /** What the server does not do until it is there; absent: nothing rests on it that could be left undone. */
  stops?: string
}

const holdsServer = 'the cluster does not hold this server within its bounds'

/** What is taken away is never stopped, nor the renewal of the server's own token: that would let in, or lock out. */
const bounds: Record<Policy, Bound> = {
  // with certificates no token is made anyway
  'joinery-bootstrap-tokens': { missing: holdsServer },
  'joinery-bootstrap-csrs': {
    missing: 'the cluster does not hold those who join to one kind of request',
    stops: 'no bootstrap token is made'
  },
  'joinery-csrs': { missing: holdsServer, stops: 'no machine gets a certificate to join with' },
  'joinery-csr-approvals': { missing: holdsServer, stops: 'no request of a kubelet is approved' },
  'joinery-nodes': { missing: holdsServer, stops: 'no Node gets its labels and taints' },
  'joinery-node-deletions': { missing: holdsServer, stops: 'no Node is deleted' },
  'joinery-leases': { missing: holdsServer },
  'joinery-ban-list': { missing: holdsServer, stops: 'no ban is lifted' },
  'joinery-token-renewal': { missing: holdsServer },
  'joinery-ban': { missing: 'a node that was removed can come back with the certificate that it still has' },
  'joinery-ban-leases': { missing: 'a node that was removed, and whose Node is still there, keeps its heartbeat' }
}

export const boundOf = (policy: Policy): Bound => bounds[policy]

/** Who gets a bootstrap token rests on these. */
export const forTokens: readonly Policy[] = ['joinery-bootstrap-tokens', 'joinery-bootstrap-csrs']
