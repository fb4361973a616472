import { CommandError } from '@joinery/host/exec'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { pluginLink } from '../../../network/network-traces.ts'
import { packetFilters } from '../../../network/packet-filters.ts'
import { type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { tracesOfJoin } from './earlier-join.ts'
import type { Leftover } from './leftover.ts'

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

/** Rules of a kubelet or kube-proxy in the packet filters. */
const leftoverRules = async (host: Host): Promise<Leftover[]> => {
  const loaded = await packetFilters(host)
  const found = await Promise.all([
    loaded.iptables ? iptables(host) : [],
    loaded.nftables ? nftables(host) : [],
    ipvs(host)
  ])
  return found.flat()
}

/** Chains of the kubelet and of kube-proxy. Without a table's name the command loads no table. */
const iptables = async (host: Host): Promise<Leftover[]> => {
  const rules = await host.exec(['iptables-save']).catch(whatWasPrinted)
  if (!/^:KUBE-/m.test(rules)) return []
  return [{ what: 'iptables chains KUBE-*', remedy: 'iptables-save | grep -v KUBE- | iptables-restore' }]
}

/** Output of a command that failed. The rules may be longer than what is read of a command's output. */
const whatWasPrinted = (error: unknown): string => (error instanceof CommandError ? error.output : '')

/** The table of kube-proxy in its mode nftables. */
const nftables = async (host: Host): Promise<Leftover[]> => {
  const tables = await host.exec(['nft', 'list', 'tables']).catch(() => '')
  if (!/^table ip6? kube-proxy$/m.test(tables)) return []
  return [
    {
      what: 'the nftables table kube-proxy',
      remedy: 'for family in ip ip6; do nft delete table "$family" kube-proxy; done'
    }
  ]
}

/** Services of IPVS, which follow three lines of heading. */
const ipvs = async (host: Host): Promise<Leftover[]> => {
  const [, , , ...services] = ((await host.read(paths.ipvs)) ?? '').trim().split('\n')
  return services.length === 0 ? [] : [{ what: 'IPVS services', remedy: 'ipvsadm --clear' }]
}
