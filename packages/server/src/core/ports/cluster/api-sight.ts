import type { AnswerCounts } from '@joinery/kube'
import type { ClusterNode } from './nodes.ts'

/** The API server itself: its version, its clock, its answers, and what changes there. */
export interface ApiSight {
  /** Version of the API server, as `v1.37.2`. */
  version(): Promise<string>

  /**
   * The time by the API server's clock: its last answer said it, and the monotonic clock carried it on. It is right to a second
   * or so. Undefined before the first answer.
   */
  now(): Date | undefined

  /** Counts of the API server's answers to the calls of this port, since the start. Asks nothing. */
  answers(): AnswerCounts

  /**
   * Calls `changed` when a CSR or Node changed, until `signal` aborts. For a Node that was made or changed, `changed` gets the
   * Node as `nodes` gives it now. For all else it gets nothing. A watch only makes things sooner: it may miss any change.
   */
  watch(changed: (node?: ClusterNode) => void, signal: AbortSignal): void
}
