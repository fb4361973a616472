import type { Exec } from '@joinery/host/exec'
import { CommandError } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { paths } from '../host/paths.ts'
import { packetFilters } from './packet-filters.ts'

/**
 * Traces that network plugins and kube-proxy bring to a machine, and `kubeadm reset` leaves there. They are looked at
 * before a join, so that afterwards only the traces of that join are taken away. A trace that cannot be looked at
 * counts as there.
 */
export interface NetworkTraces {
  /** Names of the files in /etc/cni/net.d. */
  cniFiles: string[]
  /** Names of all network links. */
  links: string[]
  /** True if iptables has chains of Kubernetes, in either family. */
  chains: boolean
  /** True if IPVS has virtual services. */
  ipvs: boolean
  /** True if nftables has a table of kube-proxy. */
  kubeProxyTable: boolean
}

/** Reads the traces, as root. Changes nothing. */
export const networkTraces = async (files: Pick<Files, 'read' | 'list'>, exec: Exec): Promise<NetworkTraces> => {
  const loaded = await packetFilters(files)
  const [cniFiles, links, v4, v6, services, tables] = await Promise.all([
    files.list(paths.cniConfigurations),
    files.list(paths.netDevices),
    loaded.iptables ? printed(exec, 'iptables-save') : '',
    loaded.iptables ? printed(exec, 'ip6tables-save') : '',
    files.read(paths.ipvs),
    loaded.nftables ? printed(exec, 'nft', 'list', 'tables') : ''
  ])
  const has = (text: string | undefined, pattern: RegExp): boolean => text === undefined || pattern.test(text)
  return {
    cniFiles,
    links,
    chains: has(v4, chainLine) || has(v6, chainLine),
    ipvs: has(services ?? '', /^(TCP|UDP|SCTP|FWM) /m),
    kubeProxyTable: has(tables, /^table ip6? kube-proxy$/m)
  }
}

/** Output of the command. Undefined if the command failed. A command that is not installed has made nothing. */
const printed = (exec: Exec, ...argv: string[]): Promise<string | undefined> =>
  exec(argv).catch((error: unknown) => (error instanceof CommandError && error.code === 'ENOENT' ? '' : undefined))

/** Chains of kubelet, kube-proxy and the network plugins. */
const ourChain = /^(KUBE-|CNI-|FLANNEL-|CILIUM_|cali-)/
const chainLine = new RegExp(`^:${ourChain.source.slice(1)}`, 'm')

const quoted = /"(?:[^"\\]|\\.)*"/g

/**
 * Links of network plugins, kube-proxy and NodeLocal DNS. Every other link is somebody's. A name that matches has no
 * character that a shell would read as more.
 */
export const pluginLink =
  /^(cni\d+|cbr0|flannel[.-][\w.-]+|cilium[\w.-]*|lxc_health|lxc[0-9a-f]{12}|cali[0-9a-f]{11}|vxlan(-v6)?\.calico|kube-ipvs0|kube-bridge|kube-dummy-if|nodelocaldns|weave|antrea-gw0)$/

/** Traces of a join that were not there before it. */
interface Remains extends Pick<NetworkTraces, 'chains' | 'ipvs' | 'kubeProxyTable'> {
  cniFiles: string[]
  links: string[]
}

/** The traces that are new since `before`. Nothing if nobody looked before the join. */
export const remains = (before: NetworkTraces | undefined, now: NetworkTraces): Remains => {
  if (before === undefined) return { cniFiles: [], links: [], chains: false, ipvs: false, kubeProxyTable: false }
  const fresh = (names: readonly string[], known: readonly string[]) => names.filter((name) => !known.includes(name))
  return {
    cniFiles: fresh(now.cniFiles, before.cniFiles),
    links: fresh(now.links, before.links).filter((name) => pluginLink.test(name)),
    chains: now.chains && !before.chains,
    ipvs: now.ipvs && !before.ipvs,
    kubeProxyTable: now.kubeProxyTable && !before.kubeProxyTable
  }
}

/**
 * The input of `iptables-restore --noflush` that takes away the chains of Kubernetes and the jumps into them, and
 * touches no other rule. `saved` is the output of `iptables-save`. Undefined if there are no such chains.
 */
export const withoutChains = (saved: string): string | undefined => {
  const tables = saved.split(/^(?=\*)/m).filter((text) => text.startsWith('*'))
  const changes = tables.flatMap((text) => {
    const [table = '', ...lines] = text.split('\n')
    const chains = lines.flatMap((line) => /^:(\S+) /.exec(line)?.[1] ?? []).filter((chain) => ourChain.test(chain))
    if (chains.length === 0) return []
    const jumps = lines.filter((line) => {
      // text in a comment or a log prefix is no jump
      const [, from = '', to = ''] = /^-A (\S+) .*-[jg] (\S+)/.exec(line.replace(quoted, '""')) ?? []
      return !ourChain.test(from) && ourChain.test(to)
    })
    return [
      table,
      ...jumps.map((rule) => rule.replace(/^-A/, '-D')),
      ...chains.map((chain) => `-F ${chain}`),
      ...chains.map((chain) => `-X ${chain}`),
      'COMMIT'
    ]
  })
  return changes.length === 0 ? undefined : [...changes, ''].join('\n')
}
