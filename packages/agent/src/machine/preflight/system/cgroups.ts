import { searchPath } from '@joinery/host/exec'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { minorOf } from '../../../host/versions.ts'
import { type Finding, fail, type PreflightCheck, pass, warn } from '../check/check.ts'

/** Controllers by system-validators v1.12.1. In v2, devices and freezer are always there and never listed. */
const required = ['cpu', 'cpuset', 'memory', 'pids']
const useful = ['hugetlb', 'io']

/** Minor version of the first kubelet that does not start on v1 (failCgroupV1, KEP-5573). */
const firstWithoutV1 = 35

export const cgroups: PreflightCheck = {
  name: 'cgroups',
  why: 'every limit of a container is a cgroup: a kubelet that lacks one of the controllers does not start',
  async run(host) {
    const listed = await host.read(paths.cgroupControllers)
    if (listed === undefined) return withoutV2(host, await host.version('kubelet').catch(() => ''))
    const missing = (names: readonly string[]): string[] =>
      names.filter((name) => !listed.trim().split(' ').includes(name))
    if (missing(required).length > 0) return lacking(fail, missing(required))
    if (missing(useful).length > 0) return lacking(warn, missing(useful))
    return pass(`cgroup v2 with ${listed.trim()}`)
  }
}

const lacking = (problem: typeof fail, names: readonly string[]): Finding =>
  problem(
    `cgroup v2 lacks ${names.join(', ')}`,
    'grep -o "cgroup_[a-z]*=[^ ]*" /proc/cmdline',
    ...(names.includes('memory') ? ['# add cgroup_enable=memory to the kernel command line, then reboot'] : [])
  )

const withoutV2 = async (host: Host, kubelet: string): Promise<Finding> => {
  const problem = (minorOf(kubelet) ?? firstWithoutV1) < firstWithoutV1 ? warn : fail
  return problem(
    `cgroup v2 is not mounted on /sys/fs/cgroup: the kubelet does not run on v1 from v1.${firstWithoutV1} on`,
    ...(await switchOn(host))
  )
}

/** Commands that switch cgroup v2 on. None of them reboots the machine: commands that are pasted after it would be lost. */
const switchOn = async (host: Host): Promise<string[]> => {
  const programs = (await Promise.all(searchPath.map((folder) => host.list(folder)))).flat()
  const argument = 'systemd.unified_cgroup_hierarchy=1'
  if (programs.includes('grubby')) return [`grubby --update-kernel=ALL --args=${argument}`, '# then reboot']
  const isGrub = programs.includes('update-grub') && (await host.read('/etc/default/grub')) !== undefined
  if (!isGrub) return [`# add ${argument} to the kernel command line, then reboot`]
  return [`sed -i 's/^GRUB_CMDLINE_LINUX="/&${argument} /' /etc/default/grub`, 'update-grub', '# then reboot']
}
