import t from 'tap'
import type { Runtime } from '../../src/machine/cri.ts'
import { GrpcError } from '../../src/machine/grpc.ts'
import { apiEndpoint } from '../../src/machine/preflight/api-endpoint.ts'
import { cgroupDriver } from '../../src/machine/preflight/cgroup-driver.ts'
import type { Finding, PreflightCheck } from '../../src/machine/preflight/check.ts'
import { containerRuntime } from '../../src/machine/preflight/container-runtime.ts'
import { earlierJoin } from '../../src/machine/preflight/earlier-join.ts'
import { installed } from '../../src/machine/preflight/installed.ts'
import { kernelModules } from '../../src/machine/preflight/kernel-modules.ts'
import { kubeletService } from '../../src/machine/preflight/kubelet-service.ts'
import { portsFree } from '../../src/machine/preflight/ports-free.ts'
import { swap } from '../../src/machine/preflight/swap.ts'
import { sysctls } from '../../src/machine/preflight/sysctls.ts'
import { systemError, type Table, tableHost } from './table-host.ts'

interface Row {
  name: string
  machine: Table
  verdict: Finding['verdict']
  finding: RegExp
  remedy?: RegExp
}

/** Every row is one machine; a verdict other than `pass` and `skipped` needs a remedy. */
const table = (check: PreflightCheck, rows: Row[]): void => {
  t.test(check.name, async (t) => {
    for (const { name, machine, verdict, finding, remedy } of rows) {
      const found = await check.run(tableHost(machine))
      t.equal(found.verdict, verdict, name)
      t.match(found.finding, finding, name)
      if (remedy === undefined) t.equal(found.remedy, undefined, name)
      else t.match(found.remedy?.join('\n'), remedy, name)
    }
  })
}

table(installed('kubelet'), [
  {
    name: 'installed',
    machine: { programs: { kubelet: 'v1.37.2' } },
    verdict: 'pass',
    finding: /^kubelet v1\.37\.2$/
  },
  {
    name: 'not installed',
    machine: {},
    verdict: 'fail',
    finding: /^kubelet is not installed$/,
    remedy: /^apt-get install -y kubelet$/
  },
  {
    name: 'does not run',
    machine: { programs: { kubelet: 127 } },
    verdict: 'fail',
    finding: /does not run: kubelet --version: exit status 127/,
    remedy: /install -y kubelet --reinstall/
  }
])

table(installed('kubeadm'), [
  {
    name: 'the oldest that can be used',
    machine: { programs: { kubeadm: 'v1.31.0' } },
    verdict: 'pass',
    finding: /v1\.31\.0/
  },
  {
    name: 'older',
    machine: { programs: { kubeadm: 'v1.30.14' } },
    verdict: 'fail',
    finding: /v1\.30\.14 is older than v1\.31/,
    remedy: /install -y kubeadm/
  }
])

table(installed('kubectl'), [
  {
    name: 'installed',
    machine: { programs: { kubectl: 'v1.37.2' } },
    verdict: 'pass',
    finding: /^kubectl v1\.37\.2$/
  },
  { name: 'not installed', machine: {}, verdict: 'fail', finding: /not installed/, remedy: /install -y kubectl/ }
])

const kubelet = (load: string, file: string): Table => ({
  commands: {
    'systemctl show kubelet.service --property=LoadState,UnitFileState': `LoadState=${load}\nUnitFileState=${file}\n`
  }
})
table(kubeletService, [
  { name: 'enabled', machine: kubelet('loaded', 'enabled'), verdict: 'pass', finding: /is enabled/ },
  {
    name: 'disabled',
    machine: kubelet('loaded', 'disabled'),
    verdict: 'fail',
    finding: /is disabled: it would not start/,
    remedy: /^systemctl enable kubelet\.service$/
  },
  {
    name: 'masked',
    machine: kubelet('masked', 'masked'),
    verdict: 'fail',
    finding: /masked/,
    remedy: /^systemctl unmask kubelet\.service$/
  },
  {
    name: 'no such unit',
    machine: kubelet('not-found', ''),
    verdict: 'fail',
    finding: /no kubelet service/,
    remedy: /install -y kubelet/
  }
])

const swaps = 'Filename\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
table(swap, [
  {
    name: 'off',
    machine: { files: { '/proc/swaps': swaps, '/etc/fstab': 'LABEL=rootfs / ext4 defaults 0 1\n' } },
    verdict: 'pass',
    finding: /off/
  },
  { name: 'a kernel without swap', machine: {}, verdict: 'pass', finding: /off/ },
  {
    name: 'on',
    machine: { files: { '/proc/swaps': `${swaps}/dev/sda2  partition\t97\t0\t-2\n/swap.img file\t9\t0\t-3\n` } },
    verdict: 'fail',
    finding: /^swap is on: \/dev\/sda2, \/swap\.img$/,
    remedy: /^swapoff -a && sed/
  },
  {
    name: 'off until the next boot',
    machine: { files: { '/proc/swaps': swaps, '/etc/fstab': '/dev/vg/swap\tnone\tswap\tsw 0 0\n' } },
    verdict: 'warn',
    finding: /next boot/,
    remedy: /fstab/
  },
  {
    name: 'a comment in fstab',
    machine: { files: { '/proc/swaps': swaps, '/etc/fstab': '#/dev/sda2 none swap sw 0 0\n' } },
    verdict: 'pass',
    finding: /off/
  }
])

const bridge = '/proc/sys/net/bridge/bridge-nf-call-iptables'
table(kernelModules, [
  {
    name: 'both',
    machine: { files: { '/proc/filesystems': 'nodev\toverlay\n', [bridge]: '1\n' } },
    verdict: 'pass',
    finding: /overlay and br_netfilter are loaded/
  },
  {
    name: 'neither, and another file system of a similar name',
    machine: { files: { '/proc/filesystems': 'nodev\toverlayx\n' } },
    verdict: 'fail',
    finding: /^not loaded: overlay, br_netfilter$/,
    remedy: /^modprobe -a overlay br_netfilter$/
  },
  {
    name: 'one',
    machine: { files: { '/proc/filesystems': 'nodev\toverlay\n' } },
    verdict: 'fail',
    finding: /^not loaded: br_netfilter$/,
    remedy: /^modprobe -a br_netfilter$/
  }
])

const forward = '/proc/sys/net/ipv4/ip_forward'
const bridge6 = '/proc/sys/net/bridge/bridge-nf-call-ip6tables'
table(sysctls, [
  {
    name: 'all set',
    machine: { files: { [bridge]: '1\n', [bridge6]: '1\n', [forward]: '1\n' } },
    verdict: 'pass',
    finding: /forwarded/
  },
  {
    name: 'without IPv6',
    machine: { files: { [bridge]: '1\n', [forward]: '1\n' } },
    verdict: 'pass',
    finding: /forwarded/
  },
  {
    name: 'a fresh machine',
    machine: { files: { [forward]: '0\n' } },
    verdict: 'fail',
    finding:
      /bridge-nf-call-iptables does not exist \(br_netfilter is not loaded\); net\.ipv4\.ip_forward is 0, not 1$/,
    remedy: /^sysctl -w net\.bridge\.bridge-nf-call-iptables=1 net\.ipv4\.ip_forward=1$/
  },
  {
    name: 'one of the bridge is off',
    machine: { files: { [bridge]: '1\n', [bridge6]: '0\n', [forward]: '1\n' } },
    verdict: 'fail',
    finding: /^net\.bridge\.bridge-nf-call-ip6tables is 0, not 1$/,
    remedy: /^sysctl -w net\.bridge\.bridge-nf-call-ip6tables=1$/
  }
])

const containerd: Runtime = {
  socket: '/run/containerd/containerd.sock',
  name: 'containerd',
  version: '2.4.2',
  problem: undefined,
  cgroupDriver: 'systemd'
}
table(containerRuntime, [
  {
    name: 'answers',
    machine: { runtime: containerd },
    verdict: 'pass',
    finding: /^containerd 2\.4\.2 answers on \/run\/containerd\/containerd\.sock$/
  },
  {
    name: 'not ready',
    machine: { runtime: { ...containerd, problem: 'RuntimeNotReady: no runc' } },
    verdict: 'fail',
    finding: /cannot run containers: RuntimeNotReady: no runc/,
    remedy: /^journalctl -u containerd$/
  },
  { name: 'no socket', machine: {}, verdict: 'fail', finding: /no CRI socket/, remedy: /install -y containerd/ },
  {
    name: 'CRI off',
    machine: { runtime: new GrpcError(12, 'unknown service runtime.v1.RuntimeService') },
    verdict: 'fail',
    finding: /CRI service switched off/,
    remedy: /disabled_plugins/
  },
  {
    name: 'silent',
    machine: { runtime: new Error('no answer within 5 s') },
    verdict: 'fail',
    finding: /does not answer: no answer within 5 s/,
    remedy: /containerd/
  },
  {
    name: 'stopped',
    machine: { runtime: systemError('ECONNREFUSED') },
    verdict: 'fail',
    finding: /does not answer: ECONNREFUSED/,
    remedy: /enable --now containerd/
  }
])

table(cgroupDriver, [
  {
    name: 'systemd',
    machine: { runtime: containerd },
    verdict: 'pass',
    finding: /containerd uses the systemd cgroup driver/
  },
  {
    name: 'cgroupfs',
    machine: { runtime: { ...containerd, cgroupDriver: 'cgroupfs' } },
    verdict: 'fail',
    finding: /uses the cgroupfs cgroup driver, and the kubelet uses systemd/,
    remedy: /SystemdCgroup = true/
  },
  {
    name: 'too old to tell',
    machine: { runtime: { ...containerd, version: '1.7.24', cgroupDriver: undefined } },
    verdict: 'warn',
    finding: /containerd 1\.7\.24 is too old to tell/,
    remedy: /SystemdCgroup = true/
  },
  { name: 'no runtime', machine: {}, verdict: 'skipped', finding: /does not answer/ }
])

table(apiEndpoint('172.30.0.1:6443'), [
  { name: 'answers', machine: {}, verdict: 'pass', finding: /^172\.30\.0\.1:6443 answers$/ },
  {
    name: 'refused',
    machine: { unreachable: { '172.30.0.1:6443': 'ECONNREFUSED' } },
    verdict: 'fail',
    finding: /refuses the connection/,
    remedy: /^allow TCP port 6443 from this machine to 172\.30\.0\.1/
  },
  {
    name: 'no answer',
    machine: { unreachable: { '172.30.0.1:6443': 'ETIMEDOUT' } },
    verdict: 'fail',
    finding: /does not answer: a firewall drops it/,
    remedy: /TCP port 6443 from this machine/
  },
  {
    name: 'no route',
    machine: { unreachable: { '172.30.0.1:6443': 'ENETUNREACH' } },
    verdict: 'fail',
    finding: /no route/,
    remedy: /TCP port 6443/
  }
])

table(apiEndpoint('api.example.com:6443'), [
  {
    name: 'a name that does not exist',
    machine: { unreachable: { 'api.example.com:6443': 'ENOTFOUND' } },
    verdict: 'fail',
    finding: /name that DNS does not know/,
    remedy: /^resolvectl query api\.example\.com$/
  },
  {
    name: 'no DNS server',
    machine: { unreachable: { 'api.example.com:6443': 'EAI_AGAIN' } },
    verdict: 'fail',
    finding: /no DNS server answers/,
    remedy: /^resolvectl query/
  }
])

table(apiEndpoint('[fd00::1]:6443'), [
  {
    name: 'IPv6',
    machine: { unreachable: { 'fd00::1:6443': 'ECONNREFUSED' } },
    verdict: 'fail',
    finding: /^\[fd00::1\]:6443 refuses/,
    remedy: /to fd00::1/
  }
])

for (const wrong of ['api.example.com', 'https://api.example.com:6443/', ':6443', '']) {
  table(apiEndpoint(wrong), [
    { name: wrong, machine: {}, verdict: 'fail', finding: /is not host:port/, remedy: /agent\.yaml/ }
  ])
}

const sockets = 'LISTEN 0 4096 *:10250 *:* users:(("kubelet",pid=812,fd=20))\n'
table(portsFree, [
  { name: 'free', machine: {}, verdict: 'pass', finding: /^TCP ports 10250 and 10248 are free$/ },
  {
    name: 'taken, and known by whom',
    machine: { taken: [10250], commands: { 'ss -Hltnp sport = :10250': sockets } },
    verdict: 'fail',
    finding: /^TCP port 10250 is taken by kubelet \(process 812\)$/,
    remedy: /ss -ltnp/
  },
  {
    name: 'both taken, and ss is not there to tell',
    machine: { taken: [10250, 10248] },
    verdict: 'fail',
    finding: /^TCP port 10250 is taken; TCP port 10248 is taken$/,
    remedy: /stop what listens/
  }
])

table(earlierJoin, [
  { name: 'a fresh machine', machine: {}, verdict: 'pass', finding: /^no traces of an earlier join$/ },
  {
    name: 'a member of some cluster',
    machine: { files: { '/etc/kubernetes/kubelet.conf': '', '/etc/kubernetes/pki/ca.crt': '' } },
    verdict: 'fail',
    finding: /kubelet\.conf, \/etc\/kubernetes\/pki\/ca\.crt$/,
    remedy: /^kubeadm reset$/
  }
])
