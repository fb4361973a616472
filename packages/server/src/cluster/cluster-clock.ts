import type { Clock } from '../base/clock.ts'
import type { Cluster } from './cluster.ts'

/** The cluster's clock; the server's own until the cluster has answered once. */
export const clusterClock = (cluster: Pick<Cluster, 'now'>, clock: Clock): Clock => ({
  now: () => cluster.now() ?? clock.now()
})

/** By the cluster's clock, which is asked for it where it has not answered yet. Throws `cluster-unavailable`. */
export const askClusterTime = async (cluster: Pick<Cluster, 'now' | 'version'>, clock: Clock): Promise<Date> => {
  if (cluster.now() === undefined) await cluster.version()
  return clusterClock(cluster, clock).now()
}

/** From here on a difference of the two clocks is told: tokens are good for minutes, and policies bear one minute. */
export const clockLimit = 30_000

/**
 * By how many whole seconds the server's clock is ahead of the cluster's, behind where that is negative; undefined where that is
 * within bounds, or the cluster has not answered yet.
 */
export const clockAhead = (own: Date, cluster: Date | undefined): number | undefined => {
  const ahead = cluster === undefined ? 0 : own.getTime() - cluster.getTime()
  return Math.abs(ahead) < clockLimit ? undefined : Math.round(ahead / 1000)
}

/** The difference, in words. */
export const inClockWords = (ahead: number): string =>
  `the clock of this host is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} the API server's`
