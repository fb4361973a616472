import { type CredentialKind, isControlPlane } from '@joinery/protocol'
import { kubeletSigner, type Policy } from '../cluster.ts'
import type { State } from './state.ts'

const ownSecret = 'a token for one attempt'

/** What is tried where there is something to try it on; the others are read. */
const forbidden: Partial<Record<Policy, (state: State) => readonly string[]>> = {
  'joinery-bootstrap-tokens': () => [
    "a token of kubeadm's own group",
    'a token for an attempt that signs',
    'a token that lives for a day',
    'a token without expiry',
    'a Secret of another type'
  ],
  'joinery-csrs': () => ['a certificate by another signer', 'a client certificate that lives for a day'],
  'joinery-csr-approvals': ({ csrs }) => {
    const waits = [...csrs.values()].some((csr) => csr.signer === kubeletSigner && !csr.approved && !csr.denied)
    return waits ? ['an approval for another reason than its own'] : []
  },
  'joinery-nodes': ({ nodes }) => (nodes.size > 0 ? ['an annotation of a Node', 'the mark of joining on a Node'] : []),
  'joinery-node-deletions': ({ nodes }) =>
    [...nodes.values()].some(isControlPlane) ? ['the deletion of a control plane'] : [],
  'joinery-ban-list': () => ['a ban list that cannot be changed'],
  'joinery-token-renewal': () => ['a token of the own account for longer than a week']
}

/** `secrets`: RBAC lets the server make them. */
export const policyGaps = (state: State, policy: Policy, credential: CredentialKind, secrets: boolean): string[] => {
  if (policy === 'joinery-bootstrap-tokens' && (credential === 'certificate' || !secrets)) {
    if (credential === 'certificate') return secrets ? [`${ownSecret} is not refused`] : []
    return [`${ownSecret} is refused: secrets is forbidden`]
  }
  if (!state.unbound.has(policy)) return []
  const tried = forbidden[policy]?.(state) ?? []
  return tried.length > 0 ? tried.map((what) => `${what} is not refused`) : [`the binding of ${policy} is missing`]
}
