/** Bound of a figure. A ratio is of two sides that one run has measured, as a rule the median of at least five. */
type Target = { unit: 'x' | '%' | 'MB' | 'KB' | 'ms' | 's' | '/s' | 'a minute' } & (
  | { atMost: number }
  | { atLeast: number }
)

/**
 * What good means, each once: the design's targets. What a user would have without Joinery is the other side of each ratio. The few that
 * are no ratios are bounds of a machine (a core, its memory, the time for which a fleet is alone).
 */
export const targets = {
  /** Approve to Ready beside bare `kubeadm join`, with images over 100 Mbit/s. */
  'ready-with-prefetch': { atMost: 0.45, unit: 'x' },
  'ready-without-prefetch': { atMost: 1.05, unit: 'x' },
  /** Approve to the registered Node beside bare `kubeadm join`. */
  'registered-beside-kubeadm': { atMost: 1.05, unit: 'x' },
  /** p99 of approve to kubeadm started, beside the p50 of one durable commit and one token Secret. `store: file`. */
  'approve-beside-its-floor': { atMost: 5, unit: 'x' },
  /** p50 and p99 of approve to kubeadm started with `store: cluster`, beside `store: file`. */
  'approve-of-the-cluster-store': { atMost: 1.5, unit: 'x' },
  'slowest-approve-of-the-cluster-store': { atMost: 2, unit: 'x' },
  /** Processor time of an enrolment on a new TLS connection, beside bare node:https with the same handshake. */
  'enrolment-beside-https': { atMost: 1.5, unit: 'x' },
  /** p99 of 1,000 enrolments at once, beside the same. */
  'storm-beside-https': { atMost: 1.2, unit: 'x' },
  /** Enrolments a second with `store: cluster`, beside `store: file`. */
  'enrolments-of-the-cluster-store': { atLeast: 0.6, unit: 'x' },
  /** Processor time of API server, etcd, controller manager and pairing server for one join, beside a bootstrap-token join. */
  'join-beside-a-bare-one': { atMost: 1.3, unit: 'x' },
  /** 5,000 agents that wait. */
  'memory-of-one-that-waits': { atMost: 80, unit: 'KB' },
  'cpu-while-agents-wait': { atMost: 2, unit: '%' },
  'released-by-one-change': { atLeast: 10_000, unit: '/s' },
  /** 5,000 ready with heartbeats, and 20,000 that have ended. */
  'cpu-of-one-that-has-grown': { atMost: 5, unit: '%' },
  'longest-turn': { atMost: 50, unit: 'ms' },
  /** `joinery list` of all 25,000, from its start to its end; what the whole list and that of rows add to the server's memory. */
  'list-of-all': { atMost: 3, unit: 's' },
  'memory-of-a-list': { atMost: 64, unit: 'MB' },
  /** p99 of honest machines under one hostile address or key, beside them alone; memory of the server. */
  'honest-under-attack': { atMost: 2, unit: 'x' },
  'memory-under-attack': { atMost: 512, unit: 'MB' },
  /** Time from the kill of the active server until the last agent goes on. */
  'agents-go-on': { atMost: 20, unit: 's' },
  /** Processor time of a Lease renewal that the policies of `setup` take. */
  'policies-of-a-lease-renewal': { atMost: 2, unit: '%' },
  /** Writes of views while nothing happens. */
  'writes-of-views': { atMost: 1, unit: 'a minute' },
  'agent-that-waits': { atMost: 80, unit: 'MB' },
  'agent-package': { atMost: 32, unit: 'MB' }
} as const satisfies Record<string, Target>

export type TargetName = keyof typeof targets
