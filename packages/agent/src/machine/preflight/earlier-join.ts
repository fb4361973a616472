import { basename, dirname } from 'node:path'
import type { Host } from '../host.ts'
import { paths } from '../paths.ts'
import { fail, type PreflightCheck, pass } from './check.ts'

/** What kubeadm itself refuses to find (FileAvailable of a worker, preflight/checks.go). */
const traces = [paths.kubeletConf, paths.bootstrapConf, paths.clusterAuthority]

/** Never mended as a check is: what this agent began and journalled, it takes back by its plan; nothing else. */
export const earlierJoin: PreflightCheck = {
  name: 'earlier-join',
  why: 'kubeadm refuses to join over them, and what they hold may belong to another cluster',
  async run(host) {
    const found = await tracesOfJoin(host)
    if (found.length === 0) return pass('no traces of an earlier join')
    return fail(`this machine belongs, or belonged, to a cluster: ${found.join(', ')}`, 'kubeadm reset')
  }
}

/** Paths of them. */
export const tracesOfJoin = async (host: Pick<Host, 'list'>): Promise<string[]> => {
  const present = await Promise.all(traces.map((path) => isThere(host, path)))
  return traces.filter((_, index) => present[index])
}

const isThere = async (host: Pick<Host, 'list'>, path: string): Promise<boolean> =>
  (await host.list(dirname(path))).includes(basename(path))
