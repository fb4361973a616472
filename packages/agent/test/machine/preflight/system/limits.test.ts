import { diskSpace } from '../../../../src/machine/preflight/system/disk-space.ts'
import { openFiles } from '../../../../src/machine/preflight/system/open-files.ts'
import { securityModules } from '../../../../src/machine/preflight/system/security-modules.ts'
import { table } from '../../../support/check-table.ts'

const disk = (total: number, free: number, inodes = 0.9) => ({
  total: total * 2 ** 20,
  free: free * 2 ** 20,
  totalInodes: 200_000,
  freeInodes: 200_000 * inodes
})
const everywhere = (space: ReturnType<typeof disk>) => ({
  space: Object.fromEntries(
    ['/var/lib/kubelet', '/var/lib/containerd', '/etc/kubernetes', '/var/log'].map((path) => [path, space])
  )
})

table(diskSpace(), [
  { name: 'plenty', machine: {}, verdict: 'pass', finding: /^there is room for images, Pods and logs$/ },
  {
    name: 'a small disk that is half full',
    machine: everywhere(disk(3000, 1500)),
    verdict: 'pass',
    finding: /there is room/
  },
  {
    name: 'near to where the kubelet evicts for its images',
    machine: everywhere(disk(100_000, 17_000)),
    verdict: 'warn',
    finding: /^\/var\/lib\/containerd has less than 20 % of its space free$/,
    remedy: /^journalctl --vacuum-size=100M\napt-get clean\ndf -h '\/var\/lib\/containerd'\ndf -i /
  },
  {
    name: 'below it',
    machine: everywhere(disk(100_000, 14_000)),
    verdict: 'fail',
    finding: /^\/var\/lib\/kubelet has less than 15 % .*; \/var\/lib\/containerd has less than 15 %/,
    remedy: /df -h/
  },
  {
    name: 'another disk for the images, full',
    machine: { space: { '/var/lib/containerd': disk(100_000, 9000) } },
    verdict: 'fail',
    finding: /^\/var\/lib\/containerd has less than 15 % of its space free$/,
    remedy: /df -h '\/var\/lib\/containerd'/
  },
  {
    name: 'images elsewhere',
    machine: {
      files: { '/etc/containerd/config.toml': 'root = "/data/containerd"\n' },
      space: { '/data/containerd': disk(100_000, 9000), '/var/lib/containerd': disk(100, 0) }
    },
    verdict: 'fail',
    finding: /^\/data\/containerd has/,
    remedy: /\/data\/containerd/
  },
  {
    name: 'a disk that is so small that its share says nothing',
    machine: { space: { '/var/lib/containerd': disk(300, 200) } },
    verdict: 'fail',
    finding: /^\/var\/lib\/containerd has less than 256 MiB free$/,
    remedy: /df -h/
  },
  {
    name: 'no room for logs',
    machine: { space: { '/var/log': disk(1000, 10) } },
    verdict: 'fail',
    finding: /^\/var\/log has less than 64 MiB free$/,
    remedy: /vacuum/
  },
  {
    name: 'no inodes',
    machine: { space: { '/var/lib/kubelet': disk(100_000, 50_000, 0.04) } },
    verdict: 'fail',
    finding: /^\/var\/lib\/kubelet has less than 5 % of its inodes free$/,
    remedy: /df -i/
  },
  {
    name: 'few inodes',
    machine: { space: { '/var/lib/kubelet': disk(100_000, 50_000, 0.08) } },
    verdict: 'warn',
    finding: /^\/var\/lib\/kubelet has less than 10 % of its inodes free$/,
    remedy: /df -i/
  },
  {
    name: 'a file system that counts no inodes',
    machine: { space: { '/var/lib/kubelet': { totalInodes: 0, freeInodes: 0 } } },
    verdict: 'pass',
    finding: /there is room/
  }
])

const limits = (files: string, instances: string, watches: string) => ({
  files: {
    '/proc/sys/fs/file-max': `${files}\n`,
    '/proc/sys/fs/inotify/max_user_instances': `${instances}\n`,
    '/proc/sys/fs/inotify/max_user_watches': `${watches}\n`
  }
})
table(openFiles, [
  { name: 'Debian', machine: limits('9223372036854775807', '128', '14806'), verdict: 'pass', finding: /not lowered/ },
  {
    name: 'lowered',
    machine: limits('9223372036854775807', '64', '4096'),
    verdict: 'warn',
    finding:
      /^fs\.inotify\.max_user_instances is 64, and should be 128 at least; fs\.inotify\.max_user_watches is 4096/,
    remedy: /^echo 'fs\.inotify\.max_user_instances = 128' >> .*\n.*\nsysctl --system$/
  },
  {
    name: 'few open files',
    machine: limits('4096', '128', '8192'),
    verdict: 'warn',
    finding: /^fs\.file-max is 4096/,
    remedy: /file-max/
  },
  { name: 'a kernel without inotify', machine: {}, verdict: 'pass', finding: /not lowered/ }
])

const selinux = (enforce: string, contexts: string) => ({
  '/sys/fs/selinux/enforce': enforce,
  '/etc/selinux/config': '# SELINUX=disabled\nSELINUXTYPE=targeted\n',
  '/etc/selinux/targeted/contexts/files/file_contexts': contexts
})
const policy = '/var/lib/containerd(/.*)?\tsystem_u:object_r:container_var_lib_t:s0\n'
const appArmor = { '/sys/module/apparmor/parameters/enabled': 'Y\n' }
table(securityModules, [
  { name: 'none', machine: {}, verdict: 'pass', finding: /nothing stands in the way/ },
  {
    name: 'AppArmor',
    machine: { files: { ...appArmor, '/usr/sbin/apparmor_parser': '' } },
    verdict: 'pass',
    finding: /nothing/
  },
  {
    name: 'AppArmor without its parser',
    machine: { files: appArmor },
    verdict: 'warn',
    finding: /its parser is not installed/,
    remedy: /^apt-get install -y apparmor$/
  },
  {
    name: 'AppArmor switched off',
    machine: { files: { '/sys/module/apparmor/parameters/enabled': 'N\n' } },
    verdict: 'pass',
    finding: /nothing/
  },
  { name: 'SELinux', machine: { files: selinux('1', policy) }, verdict: 'pass', finding: /nothing/ },
  { name: 'SELinux that only tells', machine: { files: selinux('0', '') }, verdict: 'pass', finding: /nothing/ },
  {
    name: 'SELinux without a policy for containers',
    machine: { files: selinux('1', '/.*\tsystem_u:object_r:default_t:s0\n') },
    verdict: 'warn',
    finding: /enforces the policy targeted, which knows no containers/,
    remedy: /container-selinux/
  }
])
