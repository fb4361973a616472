import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { pluginLink } from '../../../network/network-traces.ts'
import { type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { tracesOfJoin } from './earlier-join.ts'
import type { Leftover } from './leftover.ts'
import { leftoverRules } from './leftover-rules.ts'

/**
 * Checks for leftovers of an earlier cluster. `kubeadm reset` says itself that it leaves network plugins and packet
 * filters alone. Other tools leave the rest.
 */
export const leftovers: PreflightCheck = {
  name: 'leftovers',
  why: 'the join succeeds in spite of them, and then Pods get the networks, certificates or data of the earlier cluster',
  async run(host) {
    if ((await tracesOfJoin(host)).length > 0) return skipped('the machine is not reset yet: see earlier-join')
    const found = (await Promise.all([inFolders(host), links(host), leftoverRules(host)])).flat()
    if (found.length === 0) return pass('nothing of an earlier cluster')
    return warn(
      `left by an earlier cluster or by another program: ${found.map(({ what }) => what).join('; ')}`,
      ...new Set(found.map(({ remedy }) => remedy))
    )
  }
}

/** Folders, and the names in them that an earlier cluster leaves. */
const folders = [
  { path: '/etc/kubernetes/manifests', what: 'static Pods', names: /\.(yaml|yml|json)$/ },
  { path: '/etc/kubernetes/pki', what: 'certificates', names: /./ },
  { path: '/etc/cni/net.d', what: 'a network plugin', names: /\.(conf|conflist|json)$|kubeconfig$/ },
  { path: '/var/lib/cni/networks', what: 'addresses given to Pods', names: /./ },
  { path: '/var/lib/etcd', what: 'etcd data', names: /^member$/ },
  { path: '/var/lib/kubelet/pods', what: 'volumes of Pods', names: /./ }
]

/** Leftovers in folders, with one command for all of them. */
const inFolders = async (host: Host): Promise<Leftover[]> => {
  const listed = await Promise.all(
    folders.map(async ({ path, what, names }) => ({
      path,
      what,
      found: (await host.list(path)).filter((name) => names.test(name))
    }))
  )
  const full = listed.filter(({ found }) => found.length > 0)
  const remedy = `rm -rf ${full.map(({ path }) => `${path}/*`).join(' ')}`
  return full.map(({ path, what, found }) => ({ what: `${what} in ${path} (${some(found)})`, remedy }))
}

const links = async (host: Host): Promise<Leftover[]> => {
  const found = (await host.list(paths.netDevices)).filter((name) => pluginLink.test(name))
  if (found.length === 0) return []
  const remedy = `for link in ${found.slice(0, 20).join(' ')}; do ip link delete "$link"; done`
  return [{ what: `network interfaces (${some(found)})`, remedy }]
}

const some = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
