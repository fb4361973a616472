import { type FakeKubernetes, type Faults, textOf } from '@joinery/fake-kubernetes'
import type { UnguardedCluster } from '@joinery/server/testing/cluster'

const nodes = { group: '', plural: 'nodes' }
const csrs = { group: 'certificates.k8s.io', plural: 'certificatesigningrequests' }

/** Kinds of which no proof of a policy looks at a certain object. Some take any Node or CSR that is there. */
const unseen = new Set([
  ...[textOf(nodes), textOf(csrs), 'pods', 'secrets', 'events.events.k8s.io'],
  ...['leases.coordination.k8s.io', 'daemonsets.apps', 'enrolments.joinery.dev', 'installations.joinery.dev'],
  ...['decisions.joinery.dev', 'codes.joinery.dev']
])

type Known = Map<string, Promise<string[]>>

/** Gaps of a cluster just after its set-up, by the set-up. All clusters that begin there are the same. */
const atFirst = new WeakMap<object, Known>()

/**
 * Remembers what a proof of a policy found, until something changes that it looks at: each sweep of a server makes fifty requests for
 * proofs, and a journey sweeps often. With a fault in the way each proof is made.
 */
export const knownGaps = (
  { objects }: FakeKubernetes,
  setUp: object,
  faults: Faults,
  policyGaps: UnguardedCluster['policyGaps']
): UnguardedCluster['policyGaps'] => {
  let known: Known = atFirst.get(setUp) ?? new Map()
  atFirst.set(setUp, known)
  objects.follow(({ resource, type }) => {
    // a proof looks whether there is a ban list, and not at who is on it
    const isOther = resource === 'configmaps' && type === 'MODIFIED'
    if (!unseen.has(resource) && !isOther) known = new Map()
  })
  return (policy, rights, now) => {
    if (faults.isAny) return policyGaps(policy, rights, now)
    const key = JSON.stringify([policy, rights, ...[nodes, csrs].map((one) => objects.list(one).length > 0)])
    const [asked, gaps] = [known, known.get(key) ?? policyGaps(policy, rights, now)]
    asked.set(key, gaps)
    gaps.catch(() => asked.delete(key))
    return gaps
  }
}
