import type { Clock } from '../../base/clock.ts'
import type { ApiSight } from './api-sight.ts'

/** The cluster's clock, or the server's own until the cluster has answered once. */
export const clusterClock = (cluster: Pick<ApiSight, 'now'>, clock: Clock): Clock => ({
  now: () => cluster.now() ?? clock.now()
})

/** The time by the cluster's clock. Asks the cluster if it has not answered yet. Throws `cluster-unavailable`. */
export const askClusterTime = async (cluster: Pick<ApiSight, 'now' | 'version'>, clock: Clock): Promise<Date> => {
  if (cluster.now() === undefined) await cluster.version()
  return clusterClock(cluster, clock).now()
}

/**
 * Smallest difference of the two clocks that is told, in milliseconds: tokens are good for minutes, and policies bear one
 * minute.
 */
export const clockLimit = 30_000

/**
 * Whole seconds that the server's clock is ahead of the cluster's; negative if it is behind. Undefined if the difference is
 * within bounds, or the cluster has not answered yet.
 */
export const clockAhead = (own: Date, cluster: Date | undefined): number | undefined => {
  const ahead = cluster === undefined ? 0 : own.getTime() - cluster.getTime()
  return Math.abs(ahead) < clockLimit ? undefined : Math.round(ahead / 1000)
}

/** The difference of the clocks, in words. */
export const inClockWords = (ahead: number): string =>
  `the clock of this host is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} the API server's`
