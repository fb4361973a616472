import type { ClusterReading } from './cluster-reading.ts'
import type { UnguardedGiving } from './unguarded-giving.ts'
import type { UnguardedTakingAway } from './unguarded-taking-away.ts'

/**
 * The calls that the server makes to a Kubernetes cluster: few, level-triggered, idempotent. An adapter has them all, and nothing guards
 * them: only the composition and the guard hold this type.
 * test/contract/cluster-contract.ts holds over the fake and over the real API server. Every method throws ProblemError `cluster-unavailable`, with the reason, if the API is down or refuses.
 */
export interface UnguardedCluster extends ClusterReading, UnguardedGiving, UnguardedTakingAway {}
