import type { Policy } from '@joinery/kube/names'

interface Bound {
  /** State of things without the policy, for a log line and `joinery status`. */
  missing: string
  /** Acts that the server does not do until the policy is there. Absent if nothing that rests on it could be left undone. */
  stops?: string
}

const holdsServer = 'the cluster does not hold this server within its bounds'

/**
 * Words for each policy. Taking away is never stopped, nor is the renewal of the server's own token: that would let in, or lock
 * out.
 */
const bounds: Record<Policy, Bound> = {
  // with certificates no token is made anyway
  'joinery-bootstrap-tokens': { missing: holdsServer },
  'joinery-bootstrap-csrs': {
    missing: 'the cluster does not restrict joining machines to one kind of request',
    stops: 'no bootstrap token is made'
  },
  'joinery-csrs': { missing: holdsServer, stops: 'no machine gets a certificate to join with' },
  'joinery-csr-approvals': { missing: holdsServer, stops: 'no request of a kubelet is approved' },
  'joinery-nodes': { missing: holdsServer, stops: 'no Node gets its labels and taints, or comes into service' },
  'joinery-node-deletions': { missing: holdsServer, stops: 'no Node is deleted' },
  'joinery-leases': { missing: holdsServer },
  'joinery-ban-list': {
    missing: 'others than this server can ban nodes, or lift their bans',
    stops: 'no ban is lifted'
  },
  'joinery-token-renewal': { missing: holdsServer },
  'joinery-events': { missing: holdsServer },
  'joinery-ban': { missing: 'a node that was removed can come back with the certificate that it still has' },
  'joinery-ban-reports': { missing: 'a node that was removed can still show Pods, devices and Events' },
  'joinery-ban-leases': { missing: 'a node that was removed, and whose Node is still there, keeps its heartbeat' },
  'joinery-decisions': {
    missing: 'whoever may make a Decision can decide as somebody else',
    stops: 'no Decision is applied'
  },
  'joinery-codes': { missing: 'whoever may make a Code can invite as somebody else', stops: 'no Code is accepted' },
  'joinery-views': { missing: 'others than this server can write the Enrolments that operators see' },
  'joinery-definitions': {
    missing: 'who deletes a CustomResourceDefinition or the namespace of Joinery deletes all that is in it'
  },
  'joinery-log': { missing: 'others than this server can write or delete the log of a server with store: cluster' },
  'joinery-server-leases': { missing: 'others than this server can say which of several servers is active' }
}

export const boundOf = (policy: Policy): Bound => bounds[policy]

/** Policies that decide who gets a bootstrap token. */
export const forTokens: readonly Policy[] = ['joinery-bootstrap-tokens', 'joinery-bootstrap-csrs']
