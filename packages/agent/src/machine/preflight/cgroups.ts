import { paths } from '../paths.ts'
import { type Finding, fail, type PreflightCheck, pass, warn } from './check.ts'
import { minorOf } from './minor.ts'

/** system-validators v1.12.1. Of v2, devices and freezer are always there and never listed. */
const required = ['cpu', 'cpuset', 'memory', 'pids']
const useful = ['hugetlb', 'io']

/** From this kubelet on it does not start on v1 (failCgroupV1, KEP-5573). */
const firstWithoutV1 = 35

export const cgroups: PreflightCheck = {
  name: 'cgroups',
  why: 'every limit of a container is a cgroup: a kubelet that lacks one of the controllers does not start',
  async run(host) {
    const listed = await host.read(paths.cgroupControllers)
    if (listed === undefined) return withoutV2(await host.version('kubelet').catch(() => ''))
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

const withoutV2 = (kubelet: string): Finding => {
  const problem = (minorOf(kubelet) ?? firstWithoutV1) < firstWithoutV1 ? warn : fail
  return problem(
    `cgroup v2 is not mounted on /sys/fs/cgroup: the kubelet does not run on v1 from v1.${firstWithoutV1} on`,
    `sed -i 's/^GRUB_CMDLINE_LINUX="/&systemd.unified_cgroup_hierarchy=1 /' /etc/default/grub`,
    'update-grub',
    'reboot'
  )
}
