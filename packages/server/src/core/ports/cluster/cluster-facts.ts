import type { ClusterFacts } from '@joinery/protocol'
import type { InjectionToken } from 'tsyringe'
import { cached } from '../../base/cached.ts'
import type { Clock, Monotonic } from '../../base/clock.ts'
import type { ApiSight } from './api-sight.ts'
import type { ClusterSettings } from './cluster-settings.ts'

/** Reads the facts about its cluster that an enrolled machine is told. Throws `cluster-unavailable`. */
export type ReadClusterFacts = () => Promise<ClusterFacts>
export const ReadClusterFacts = Symbol('ReadClusterFacts') as InjectionToken<ReadClusterFacts>

/**
 * Lifetimes of an answer, in milliseconds. Thousands of waiting machines ask again and again, so the cluster is asked each
 * minute at most, and each 10 s while it is away.
 */
const lifetimes = { value: 60_000, failure: 10_000 }

export const clusterFacts = (
  cluster: Pick<ApiSight, 'version'> & Pick<ClusterSettings, 'network' | 'nodeConfiguration'>,
  clock: Clock,
  monotonic: Monotonic
): ReadClusterFacts => {
  const read = cached(
    () => Promise.all([cluster.version(), cluster.network(), cluster.nodeConfiguration()]),
    monotonic,
    lifetimes
  )
  return async () => {
    const [version, network, configuration] = await read()
    // last: the caller compares it with its own clock
    return { version, ...network, ...configuration, time: clock.now().toISOString() }
  }
}
