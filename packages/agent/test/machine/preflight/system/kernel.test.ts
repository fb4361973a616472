import { cgroups } from '../../../../src/machine/preflight/system/cgroups.ts'
import { kernel, requiredOptions, usefulOptions } from '../../../../src/machine/preflight/system/kernel.ts'
import { table } from '../../../support/check-table.ts'

/** Without these options. The second one is a module, as most are. */
const config = (...left: string[]): string =>
  ['# Linux/x86', '']
    .concat([...requiredOptions, ...usefulOptions].map(([name = ''], index) => line(name, left, index)))
    .join('\n')
const line = (name: string, left: readonly string[], index: number): string =>
  left.includes(name) ? `# CONFIG_${name} is not set` : `CONFIG_${name}=${index === 1 ? 'm' : 'y'}`
const release = (text: string) => ({ '/proc/sys/kernel/osrelease': `${text}\n` })
const debian = { ...release('6.12.48+deb13-amd64') }

table(kernel, [
  {
    name: 'Debian 13',
    machine: { files: { ...debian, '/boot/config-6.12.48+deb13-amd64': config() } },
    verdict: 'pass',
    finding: /^the kernel 6\.12\.48\+deb13-amd64 has the options that containers need$/
  },
  {
    name: 'a kernel that shows its own configuration, and /boot of another one',
    machine: { files: { ...debian, '/proc/config.gz': config(), '/boot/config-6.1.0': '' } },
    verdict: 'pass',
    finding: /has the options/
  },
  {
    name: 'an older name',
    machine: {
      files: {
        ...debian,
        '/proc/config.gz': `${config('NETFILTER_XT_TARGET_REDIRECT')}\nCONFIG_IP_NF_TARGET_REDIRECT=m`
      }
    },
    verdict: 'pass',
    finding: /has the options/
  },
  {
    name: 'no control of memory',
    machine: { files: { ...debian, '/proc/config.gz': config('MEMCG', 'CGROUP_BPF', 'SECCOMP') } },
    verdict: 'fail',
    finding: /lacks CONFIG_MEMCG, CONFIG_CGROUP_BPF$/,
    remedy: /^apt-get install -y "linux-image-/
  },
  {
    name: 'no seccomp',
    machine: { files: { ...debian, '/proc/config.gz': config('SECCOMP') } },
    verdict: 'warn',
    finding: /lacks CONFIG_SECCOMP$/,
    remedy: /linux-image/
  },
  {
    name: 'no configuration, which kubeadm insists on',
    machine: { files: debian },
    verdict: 'fail',
    finding: /shows no configuration: neither \/proc\/config\.gz nor \/boot\/config-6\.12\.48\+deb13-amd64/,
    remedy: /^apt-get install --reinstall -y linux-image-6\.12\.48\+deb13-amd64$/
  },
  {
    name: 'a configuration in a module that is not loaded',
    machine: {
      files: { ...debian, '/lib/modules/6.12.48+deb13-amd64/modules.dep': 'kernel/kernel/configs.ko.xz:\n' }
    },
    verdict: 'skipped',
    finding: /which kubeadm loads itself$/
  },
  ...['5.4.0-216-generic', '5.15.0-1077-kvm', '6.18.3', '10.0.0'].map((version) => ({
    name: version,
    machine: { files: { ...release(version), '/proc/config.gz': config() } },
    verdict: 'pass' as const,
    finding: /has the options/
  })),
  ...['4.18.0-553.el8', '5.14.0-570.el9', '5.40.1'].map((version) => ({
    name: version,
    machine: { files: { ...release(version), '/proc/config.gz': config() } },
    verdict: 'warn' as const,
    finding: /not supported/,
    remedy: /linux-image/
  }))
])

const controllers = (text: string) => ({ files: { '/sys/fs/cgroup/cgroup.controllers': `${text}\n` } })

table(cgroups, [
  {
    name: 'v2',
    machine: controllers('cpuset cpu io memory hugetlb pids rdma misc'),
    verdict: 'pass',
    finding: /^cgroup v2 with cpuset cpu io memory hugetlb pids rdma misc$/
  },
  {
    name: 'memory switched off, as on a Raspberry Pi',
    machine: controllers('cpuset cpu io pids'),
    verdict: 'fail',
    finding: /^cgroup v2 lacks memory$/,
    remedy: /cgroup_enable=memory/
  },
  {
    name: 'no huge pages',
    machine: controllers('cpuset cpu io memory pids'),
    verdict: 'warn',
    finding: /^cgroup v2 lacks hugetlb$/,
    remedy: /cmdline/
  },
  {
    name: 'v1',
    machine: { programs: { kubelet: 'v1.35.0' } },
    verdict: 'fail',
    finding: /v2 is not mounted/,
    remedy: /unified_cgroup_hierarchy=1/
  },
  {
    name: 'v1, which the kubelet still bears',
    machine: { programs: { kubelet: 'v1.34.4' } },
    verdict: 'warn',
    finding: /v2 is not mounted/,
    remedy: /unified_cgroup_hierarchy=1/
  },
  {
    name: 'v1 and no kubelet',
    machine: {},
    verdict: 'fail',
    finding: /v2 is not mounted/,
    remedy: /^# add systemd\.unified/
  },
  {
    name: 'v1, with a configuration of GRUB; nothing boots the machine while a person pastes',
    machine: { files: { '/usr/sbin/update-grub': '', '/etc/default/grub': 'GRUB_CMDLINE_LINUX=""\n' } },
    verdict: 'fail',
    finding: /v2 is not mounted/,
    remedy: /^sed -i .* \/etc\/default\/grub\nupdate-grub\n# then reboot$/
  },
  {
    name: 'v1, where GRUB is told by grubby',
    machine: { files: { '/usr/sbin/grubby': '' }, installs: 'dnf' },
    verdict: 'fail',
    finding: /v2 is not mounted/,
    remedy: /^grubby --update-kernel=ALL --args=systemd\.unified_cgroup_hierarchy=1\n# then reboot$/
  }
])
