import { paths } from '../../../../src/host/paths.ts'
import { kernelModules } from '../../../../src/machine/preflight/system/kernel-modules.ts'
import { sysctls } from '../../../../src/machine/preflight/system/sysctls.ts'
import { table } from '../../../support/check-table.ts'

const bridge = '/proc/sys/net/bridge/bridge-nf-call-iptables'
const bridge6 = '/proc/sys/net/bridge/bridge-nf-call-ip6tables'
const forward = '/proc/sys/net/ipv4/ip_forward'

const builtIn = { '/proc/filesystems': 'nodev\toverlay\n', [bridge]: '1\n' }
const loaded = { ...builtIn, '/proc/modules': 'br_netfilter 32768 0 - Live 0x0\n' }
const keep = "printf '%s\\n' overlay br_netfilter > /etc/modules-load.d/k8s.conf"

table(kernelModules, [
  {
    name: 'both, and after the next boot',
    machine: { files: { ...loaded, '/etc/modules-load.d/k8s.conf': '# Kubernetes\nbr-netfilter\n' } },
    verdict: 'pass',
    finding: /overlay and br_netfilter are loaded/
  },
  {
    name: 'both, built into the kernel',
    machine: { files: { ...builtIn, '/proc/modules': 'bridge 421888 0 - Live 0x0\n' } },
    verdict: 'pass',
    finding: /are loaded/
  },
  {
    name: 'until the next boot',
    machine: { files: { ...loaded, '/etc/modules-load.d/other.conf': '#br_netfilter\nnbd\n' } },
    verdict: 'warn',
    finding: /^br_netfilter is loaded, and nothing loads it at the next boot$/,
    remedy: /k8s\.conf$/
  },
  {
    name: 'a file of the distribution that an empty one of the same name takes back',
    machine: {
      files: { ...loaded, '/usr/lib/modules-load.d/k8s.conf': 'br_netfilter\n', '/etc/modules-load.d/k8s.conf': '' }
    },
    verdict: 'warn',
    finding: /nothing loads it/,
    remedy: /k8s\.conf$/
  },
  {
    name: 'neither, and another file system of a similar name',
    machine: { files: { '/proc/filesystems': 'nodev\toverlayx\n' } },
    verdict: 'fail',
    finding: /^not loaded: overlay, br_netfilter$/,
    remedy: new RegExp(`^modprobe -a overlay br_netfilter\n${RegExp.escape(keep)}$`)
  },
  {
    name: 'one',
    machine: { files: { '/proc/filesystems': 'nodev\toverlay\n' } },
    verdict: 'fail',
    finding: /^not loaded: br_netfilter$/,
    remedy: /^modprobe -a br_netfilter\n/
  },
  {
    name: 'one that a hardened machine does not load',
    machine: {
      files: { [bridge]: '1\n', '/etc/modprobe.d/overlayfs.conf': 'install overlay /bin/false\nblacklist overlay\n' }
    },
    verdict: 'fail',
    finding: /^not loaded: overlay; .*overlayfs\.conf/,
    remedy: /^sed -i -E .* \/etc\/modprobe\.d\/overlayfs\.conf\nmodprobe -a overlay\n/,
    byHand: true
  }
])

const right = { [bridge]: '1\n', [bridge6]: '1\n', [forward]: '1\n' }
const inFile = (path: string, text: string) => ({ [path]: text })
const ours = inFile(paths.sysctlsFile, 'net.ipv4.ip_forward = 1\n')

table(sysctls, [
  {
    name: 'all set, and after the next boot; the bridge’s are so by themselves',
    machine: { files: { ...right, ...ours } },
    verdict: 'pass',
    finding: /forwarded/
  },
  {
    name: 'written with slashes',
    machine: { files: { ...right, ...inFile('/usr/lib/sysctl.d/50-router.conf', 'net/ipv4/ip_forward=1') } },
    verdict: 'pass',
    finding: /forwarded/
  },
  {
    name: 'without IPv6',
    machine: { files: { [bridge]: '1\n', [forward]: '1\n', ...ours } },
    verdict: 'pass',
    finding: /forwarded/
  },
  {
    name: 'a fresh machine',
    machine: { files: { [forward]: '0\n' } },
    verdict: 'fail',
    finding:
      /bridge-nf-call-iptables does not exist \(br_netfilter is not loaded\); net\.ipv4\.ip_forward is 0, not 1$/,
    remedy:
      /^modprobe br_netfilter\nprintf .* net\.bridge\.bridge-nf-call-iptables net\.ipv4\.ip_forward >> .*\nsysctl --system$/
  },
  {
    name: 'one of the bridge is off',
    machine: { files: { ...right, [bridge6]: '0\n' } },
    verdict: 'fail',
    finding: /^net\.bridge\.bridge-nf-call-ip6tables is 0, not 1$/,
    remedy: /^printf .* net\.bridge\.bridge-nf-call-ip6tables >> /
  },
  {
    name: 'forwarding until the next boot, as Docker sets it',
    machine: { files: right },
    verdict: 'warn',
    finding: /wrong after the next boot: nothing sets net\.ipv4\.ip_forward to 1$/,
    remedy: /^printf '%s = 1\\n' net\.ipv4\.ip_forward >> \/etc\/sysctl\.d\/k8s\.conf$/
  },
  {
    name: 'a file that is read after the agent’s own and takes it back',
    machine: { files: { ...right, ...ours, ...inFile('/etc/sysctl.d/zz-hardening.conf', 'net.ipv4.ip_forward=0\n') } },
    verdict: 'warn',
    finding: /: \/etc\/sysctl\.d\/zz-hardening\.conf sets net\.ipv4\.ip_forward to 0$/,
    remedy: /^sed -i -E .* \/etc\/sysctl\.d\/zz-hardening\.conf$/,
    byHand: true
  },
  {
    name: 'a file that is read before the agent’s own would be',
    machine: { files: { ...right, ...inFile('/etc/sysctl.d/10-network.conf', '-net.ipv4.ip_forward = 0\n') } },
    verdict: 'warn',
    finding: /10-network\.conf sets/,
    remedy: /10-network\.conf$/
  },
  {
    name: 'a file that is read before one that is right',
    machine: {
      files: { ...right, ...ours, ...inFile('/usr/lib/sysctl.d/10-network.conf', 'net.ipv4.ip_forward = 0\n') }
    },
    verdict: 'pass',
    finding: /forwarded/
  },
  {
    name: 'a file of the distribution that one of the same name replaces',
    machine: {
      files: {
        ...right,
        ...inFile('/usr/lib/sysctl.d/99-network.conf', 'net.ipv4.ip_forward = 0\n'),
        ...inFile('/etc/sysctl.d/99-network.conf', 'net.ipv4.ip_forward = 1\n')
      }
    },
    verdict: 'pass',
    finding: /forwarded/
  },
  {
    name: 'a bridge’s that a file turns off',
    machine: {
      files: {
        ...right,
        ...ours,
        ...inFile('/etc/sysctl.d/20-libvirt.conf', 'net.bridge.bridge-nf-call-iptables = 0\n')
      }
    },
    verdict: 'warn',
    finding: /20-libvirt\.conf sets net\.bridge\.bridge-nf-call-iptables to 0$/,
    remedy: /20-libvirt\.conf$/
  },
  {
    name: '/etc/sysctl.conf, which systemd does not read',
    machine: { files: { ...right, '/etc/sysctl.conf': 'net.ipv4.ip_forward = 1\n' } },
    verdict: 'warn',
    finding: /nothing sets net\.ipv4\.ip_forward/,
    remedy: /k8s\.conf/
  }
])
