import { basename, dirname } from 'node:path'
import type { Host } from '../host.ts'
import { paths } from '../paths.ts'
import { fail, type PreflightCheck, pass } from './check.ts'

/** What kubeadm itself refuses to find (preflight/checks.go). A join that is not this agent's is never taken back by it. */
const traces = [paths.kubeletConf, paths.bootstrapConf, paths.clusterAuthority]

export const earlierJoin: PreflightCheck = {
  name: 'earlier-join',
  why: 'kubeadm refuses to join over them, and what they hold may belong to another cluster',
  async run(host) {
    const present = await Promise.all(traces.map((path) => isThere(host, path)))
    const found = traces.filter((_, index) => present[index])
    if (found.length === 0) return pass('no traces of an earlier join')
    return fail(`this machine belongs, or belonged, to a cluster: ${found.join(', ')}`, 'kubeadm reset')
  }
}

const isThere = async (host: Host, path: string): Promise<boolean> =>
  (await host.list(dirname(path))).includes(basename(path))
