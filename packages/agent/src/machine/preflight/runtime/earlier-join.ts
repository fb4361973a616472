import { basename, dirname } from 'node:path'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { byHand, fail, type PreflightCheck, pass } from '../check/check.ts'

/** Files that kubeadm itself refuses to find (FileAvailable of a worker, preflight/checks.go). */
const traces = [paths.kubeletConf, paths.bootstrapConf, paths.clusterAuthority]

/**
 * Checks for an earlier join. `own`: the agent that asks made the join, and takes it back if it may. A join of
 * anybody else is for a person.
 */
export const earlierJoin = (own = false): PreflightCheck => ({
  name: 'earlier-join',
  why: 'kubeadm refuses to join over such traces, and their contents may belong to another cluster',
  mends: 'runtime',
  async run(host) {
    const found = await tracesOfJoin(host)
    if (found.length === 0) return pass('no traces of an earlier join')
    const what = found.join(', ')
    if (own) return fail(`left by an earlier join of this agent: ${what}`, 'kubeadm reset')
    return byHand(fail(`this machine belongs, or belonged, to a cluster: ${what}`, 'kubeadm reset'))
  }
})

/** Paths of the traces of an earlier join. */
export const tracesOfJoin = async (host: Pick<Host, 'list'>): Promise<string[]> => {
  const present = await Promise.all(traces.map((path) => isThere(host, path)))
  return traces.filter((_, index) => present[index])
}

const isThere = async (host: Pick<Host, 'list'>, path: string): Promise<boolean> =>
  (await host.list(dirname(path))).includes(basename(path))
