/**
 * Upper bounds for the times of a join, in seconds: those of `podStartupDurationBuckets`, by which the kubelet measures how long a
 * Pod takes to start (kubernetes/kubernetes, pkg/kubelet/metrics/metrics.go). The kubelet has no histogram for the
 * start of a Node, only gauges.
 */
export const startupBuckets = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600
] as const

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** Upper bounds for waits that a person ends, in seconds: from a program that answers at once to the lifetime of `pending`. */
export const waitBuckets = [
  1,
  5,
  15,
  minute,
  5 * minute,
  15 * minute,
  hour,
  4 * hour,
  12 * hour,
  day,
  3 * day,
  7 * day
] as const

/** Upper bounds for one commit, which is a sync of the disk, in seconds. */
export const commitBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const

/** Upper bounds for a call to the API server, in seconds: from a call on the same host to its time-out. */
export const callBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

/** Upper bounds for a pass of the reconciler and for the delay before it, in seconds. */
export const passBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const
