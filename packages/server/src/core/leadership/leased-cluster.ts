import type { Cluster } from '../ports/cluster/cluster.ts'
import type { Leadership } from './leadership.ts'

/**
 * The calls of the cluster that give something to a machine, and so are the active server's alone. What takes away is not among
 * them: another server that does it too does no harm.
 */
export const givingCalls = [
  'createToken',
  'createOwnCsr',
  'approveCsr',
  'unban',
  'setLabelsAndTaints',
  'removeStartupTaint'
] as const satisfies (keyof Cluster)[]

/** The cluster with calls that give only while the leadership holds: each throws `not-active` if it does not. */
export const leasedCluster = (cluster: Cluster, leadership: () => Pick<Leadership, 'require'>): Cluster => {
  const guarded = givingCalls.map((call) => {
    const made = cluster[call] as (...given: unknown[]) => Promise<unknown>
    const guard = async (...given: unknown[]): Promise<unknown> => {
      leadership().require()
      return made.apply(cluster, given)
    }
    return [call, guard] as const
  })
  // the rest is the cluster's own
  return Object.assign(Object.create(cluster) as Cluster, Object.fromEntries(guarded))
}
