import type { ClusterFacts, KubeProxyMode } from '@joinery/protocol'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { type Finding, fail, type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { install } from './packages.ts'

/** Checks what kube-proxy's mode needs. `cluster` is undefined if no pairing server told of it. */
export const kubeProxy = (cluster: Pick<ClusterFacts, 'kubeProxyMode'> | undefined): PreflightCheck => ({
  name: 'kube-proxy',
  why: 'the mode of kube-proxy needs parts of the kernel: without them no Pod of this machine reaches a Service, though the Node is Ready',
  async run(host) {
    if (cluster === undefined) return skipped('the pairing server was not asked yet')
    if (cluster.kubeProxyMode === undefined) return skipped('the pairing server knows no kube-proxy of this cluster')
    return looks[cluster.kubeProxyMode](host)
  }
})

const looks: Record<KubeProxyMode, (host: Host) => Promise<Finding>> = {
  iptables: async () => pass('kube-proxy uses iptables, which other checks look at'),
  nftables: (host) => nftables(host),
  ipvs: (host) => ipvs(host)
}

const releaseOf = async (host: Host): Promise<string> => ((await host.read(paths.kernelRelease)) ?? '').trim()

/**
 * Checks kernel and nft for the mode nftables. kube-proxy refuses an older kernel (NFTablesKubeProxyKernelVersion).
 * It has an nft of its own, and an nft before 1.0.1 crashes on its rules. Such an nft on the machine then shows
 * nothing any more, and cannot change a firewall.
 */
const nftables = async (host: Host): Promise<Finding> => {
  const release = await releaseOf(host)
  if (!isAtLeast(release, [5, 13])) {
    return fail(
      `kube-proxy uses nftables, and refuses the kernel ${release}: it wants 5.13 or later`,
      '# boot a kernel of 5.13 or later'
    )
  }
  const printed = await host.exec(['nft', '--version']).catch(() => undefined)
  if (printed === undefined) {
    return warn(
      'kube-proxy uses nftables, and nft is not installed: nobody sees its rules',
      ...(await install(host, 'nftables'))
    )
  }
  const [, version = ''] = /v(\d[\d.]*)/.exec(printed) ?? []
  if (!isAtLeast(version, [1, 0, 1])) {
    return warn(`kube-proxy uses nftables, and nft ${version} crashes on its rules`, '# install nft 1.0.1 or later')
  }
  return pass(`kube-proxy uses nftables: the kernel ${release} and nft ${version} have it`)
}

/** Kernel modules of IPVS. The kernel loads them itself when kube-proxy asks for them. */
const ipvsModules = ['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh', 'nf_conntrack']

const ipvs = async (host: Host): Promise<Finding> => {
  const release = await releaseOf(host)
  const [loaded = '', ...onDisk] = await Promise.all(
    [paths.modules, `/lib/modules/${release}/modules.dep`, `/lib/modules/${release}/modules.builtin`].map((path) =>
      host.read(path)
    )
  )
  const files = onDisk.join('\n')
  const missing = ipvsModules.filter(
    (name) => !new RegExp(`^${name} `, 'm').test(loaded) && !new RegExp(`/${name}\\.ko\\b`).test(files)
  )
  if (missing.length === 0) return pass(`kube-proxy uses IPVS: the kernel ${release} has its modules`)
  return fail(
    `kube-proxy uses IPVS, and the kernel ${release} has no module ${missing.join(', ')}`,
    '# boot a kernel of the distribution that has the modules of IPVS'
  )
}

/** Compares the leading numbers of a version with another one's. */
const isAtLeast = (version: string, least: readonly number[]): boolean => {
  const numbers = version.split(/[^0-9]+/).map(Number)
  const index = least.findIndex((number, at) => (numbers[at] ?? 0) !== number)
  return index === -1 || (numbers[index] ?? 0) > (least[index] as number)
}
