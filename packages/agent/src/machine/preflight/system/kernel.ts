import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { fail, type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { type PackageManager, packageManager } from '../runtime/packages.ts'

/** Options that kubeadm's SystemVerification requires, by system-validators v1.12.1: a name, or the name in an older kernel. */
export const requiredOptions = [
  ['NAMESPACES'],
  ['NET_NS'],
  ['PID_NS'],
  ['IPC_NS'],
  ['UTS_NS'],
  ['CGROUPS'],
  ['CPUSETS'],
  ['MEMCG'],
  ['CGROUP_BPF'],
  ['CGROUP_PIDS'],
  ['CGROUP_SCHED'],
  ['FAIR_GROUP_SCHED'],
  ['INET'],
  ['EXT4_FS'],
  ['PROC_FS'],
  ['NETFILTER_XT_TARGET_REDIRECT', 'IP_NF_TARGET_REDIRECT'],
  ['NETFILTER_XT_MATCH_COMMENT']
]
export const usefulOptions = [['OVERLAY_FS'], ['CFS_BANDWIDTH'], ['SECCOMP'], ['SECCOMP_FILTER'], ['CGROUP_HUGETLB']]

/** The releases that kubeadm regards as supported: the LTS series of 5, and everything from 6 on. */
const supported = /^(5\.(4|10|15)\.|[6-9]\.|[1-9]\d+\.)/

export const kernel: PreflightCheck = {
  name: 'kernel',
  why: 'kubeadm refuses a kernel that lacks the options that containers need, and one that does not show its configuration',
  async run(host) {
    const release = ((await host.read(paths.kernelRelease)) ?? '').trim()
    const config = await kernelConfig(host, release)
    if (config === undefined) {
      if (await isInModule(host, release))
        return skipped('it is in the kernel module configs, which kubeadm loads itself')
      return fail(
        `the kernel ${release} shows no configuration: neither /proc/config.gz nor /boot/config-${release} is there`,
        ...(await reinstallKernel(host, release))
      )
    }
    const lacks = (options: readonly string[][]): string[] =>
      options.filter((names) => !names.some((name) => config.has(name))).map(([name]) => `CONFIG_${name}`)
    if (lacks(requiredOptions).length > 0)
      return fail(`the kernel ${release} lacks ${lacks(requiredOptions).join(', ')}`, ...(await update(host)))
    if (!supported.test(release))
      return warn(`the kernel ${release} is of a series that is not supported`, ...(await update(host)))
    if (lacks(usefulOptions).length > 0)
      return warn(`the kernel ${release} lacks ${lacks(usefulOptions).join(', ')}`, ...(await update(host)))
    return pass(`the kernel ${release} has the options that containers need`)
  }
}

const anotherKernel: Readonly<Record<PackageManager, string>> = {
  apt: 'apt-get install -y "linux-image-$(dpkg --print-architecture)"',
  dnf: 'dnf upgrade -y kernel',
  zypper: 'zypper --non-interactive update kernel-default',
  none: '# install another kernel of the distribution'
}

const update = async (host: Pick<Host, 'list'>): Promise<string[]> => [
  anotherKernel[await packageManager(host)],
  '# then reboot'
]

const reinstallKernel = async (host: Pick<Host, 'list'>, release: string): Promise<string[]> => {
  switch (await packageManager(host)) {
    case 'apt':
      return [`apt-get install --reinstall -y linux-image-${release}`]
    case 'dnf':
      return [`dnf reinstall -y kernel-core-${release}`]
    default:
      return [`# put the configuration of the kernel to /boot/config-${release}`]
  }
}

/**
 * Options that are built in or a module, without CONFIG_, from the places where kubeadm looks. Undefined if there is
 * nothing.
 */
const kernelConfig = async (
  host: Pick<Host, 'read' | 'readGzip'>,
  release: string
): Promise<Set<string> | undefined> => {
  const text = (await host.readGzip('/proc/config.gz')) ?? (await firstOf(host, configsOf(release)))
  return text === undefined
    ? undefined
    : new Set([...text.matchAll(/^CONFIG_(\w+)=[ym]$/gm)].map(([, name]) => name as string))
}

const configsOf = (release: string): string[] => [
  `/boot/config-${release}`,
  `/usr/src/linux-${release}/.config`,
  '/usr/src/linux/.config',
  `/usr/lib/modules/${release}/config`,
  `/usr/lib/ostree-boot/config-${release}`,
  `/usr/lib/kernel/config-${release}`,
  `/usr/src/linux-headers-${release}/.config`,
  `/lib/modules/${release}/build/.config`
]

const isInModule = async (host: Pick<Host, 'read'>, release: string): Promise<boolean> =>
  ((await host.read(`/lib/modules/${release}/modules.dep`)) ?? '').includes('/configs.ko')

const firstOf = async (host: Pick<Host, 'read'>, candidates: readonly string[]): Promise<string | undefined> => {
  for (const path of candidates) {
    const text = await host.read(path)
    if (text !== undefined) return text
  }
  return undefined
}
