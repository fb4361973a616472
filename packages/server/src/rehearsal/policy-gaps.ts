import { kubeletSigner, type Policy } from '@joinery/kube/names'
import { type CredentialKind, isControlPlane } from '@joinery/protocol'
import { staysThere, takenTaint } from '../adapters/kubernetes/probes/node-probes.ts'
import { type ApiRequest, forbiddenWords } from './refusals/authorizer.ts'
import { readBy, triedBy } from './refusals/requests.ts'
import type { State } from './state.ts'

const ownSecret = 'a token for one attempt'

/** The request that each policy must let through for the server. */
const ownOf: Partial<Record<Policy, string>> = {
  'joinery-bootstrap-tokens': ownSecret,
  'joinery-csrs': 'a client certificate for one attempt',
  'joinery-token-renewal': 'the renewal of the own token'
}

/** Requests that each policy must refuse, if there is something to try them on. All other policies are read. */
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
  'joinery-nodes': ({ nodes }) => {
    const isTainted = [...nodes.values()].some(({ taints }) => taints.some(staysThere))
    const some = isTainted ? [takenTaint] : []
    return nodes.size > 0 ? ['an annotation of a Node', 'the mark of joining on a Node', ...some] : []
  },
  'joinery-node-deletions': ({ nodes }) =>
    [...nodes.values()].some(isControlPlane) ? ['the deletion of a control plane'] : [],
  'joinery-ban-list': () => ['a ban list that cannot be changed'],
  'joinery-token-renewal': () => [
    'a token of the own account for longer than a week',
    'a token of the own account for another audience'
  ],
  'joinery-events': () => ['an Event in the name of a kubelet']
}

/** Gaps of the policy in the rehearsal cluster. `isAllowed` is true if RBAC lets the server make the request. */
export const policyGaps = (
  state: State,
  policy: Policy,
  credential: CredentialKind,
  isAllowed: (request: ApiRequest) => boolean
): string[] => {
  const tried = forbidden[policy]?.(state) ?? []
  const request = triedBy[policy]
  if (policy === 'joinery-bootstrap-tokens' && credential === 'certificate') {
    return request !== undefined && isAllowed(request) ? [`${ownSecret} is not refused`] : []
  }
  if (request === undefined || tried.length === 0) return read(state, policy, isAllowed)
  if (!isAllowed(request)) {
    const words = forbiddenWords(request)
    const own = ownOf[policy]
    return [
      ...tried.map((what) => `${what} is refused by something else: ${words}`),
      ...(own === undefined ? [] : [`${own} is refused: ${words}`])
    ]
  }
  return state.unbound.has(policy) ? tried.map((what) => `${what} is not refused`) : []
}

const read = (state: State, policy: Policy, isAllowed: (request: ApiRequest) => boolean): string[] => {
  const unreadable = Object.entries(readBy(policy)).filter(([, request]) => !isAllowed(request))
  if (unreadable.length > 0) {
    return unreadable.map(([what, request]) => `${what} ${policy} cannot be read: ${forbiddenWords(request)}`)
  }
  return state.unbound.has(policy) ? [`the binding of ${policy} is missing`] : []
}
