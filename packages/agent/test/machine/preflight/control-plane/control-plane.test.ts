import type { ClusterFacts, Reach } from '@joinery/protocol'
import t from 'tap'
import type { PreflightInput } from '../../../../src/machine/preflight/check/preflight-input.ts'
import { controlPlaneEndpoint } from '../../../../src/machine/preflight/control-plane/control-plane-endpoint.ts'
import { controlPlaneLeftovers } from '../../../../src/machine/preflight/control-plane/control-plane-leftovers.ts'
import { controlPlaneSize } from '../../../../src/machine/preflight/control-plane/control-plane-size.ts'
import { etcdMembers } from '../../../../src/machine/preflight/control-plane/etcd-members.ts'
import { firewall } from '../../../../src/machine/preflight/network/firewall.ts'
import { fixedAddress } from '../../../../src/machine/preflight/network/fixed-address.ts'
import { portsFree } from '../../../../src/machine/preflight/network/ports-free.ts'
import { reachability } from '../../../../src/machine/preflight/reach/reachability.ts'
import { clockSkew } from '../../../../src/machine/preflight/system/clock-skew.ts'
import { diskSpace } from '../../../../src/machine/preflight/system/disk-space.ts'
import { table } from '../../../support/check-table.ts'

const facts: ClusterFacts & { skew: number } = {
  version: 'v1.37.2',
  podSubnets: [],
  serviceSubnets: [],
  controlPlanes: ['192.0.2.1:6443', '[fd00::1]:6443'],
  etcd: 'stacked',
  time: '',
  skew: 0
}
const external = { ...facts, etcd: 'external' as const }
const role = 'control-plane'

const size = (processors: string, memory: string) => ({
  files: { '/sys/devices/system/cpu/online': processors, '/proc/meminfo': `MemTotal:  ${memory} kB\nMemFree: 1 kB\n` }
})
table(controlPlaneSize, [
  { name: 'large enough', machine: size('0-1\n', '1740800'), verdict: 'pass', finding: /^2 processors and 1700 MB/ },
  {
    name: 'a gap among the processors',
    machine: size('0,2-4\n', '8000000'),
    verdict: 'pass',
    finding: /^4 processors/
  },
  {
    name: 'one processor',
    machine: size('0\n', '8000000'),
    verdict: 'fail',
    finding: /has 1 processor, and/,
    remedy: /^# /
  },
  { name: 'little memory', machine: size('0-3\n', '1740799'), verdict: 'fail', finding: /1699 MB of/, remedy: /^# / },
  {
    name: 'neither',
    machine: size('0\n', '900000'),
    verdict: 'fail',
    finding: /1 processor.*; it has 878 MB/,
    remedy: /^# /
  }
])

table(controlPlaneLeftovers, [
  { name: 'nothing', machine: {}, verdict: 'pass', finding: /^nothing/ },
  {
    name: 'a static Pod of somebody',
    machine: { files: { '/etc/kubernetes/manifests/vip.yaml': '' } },
    verdict: 'pass',
    finding: /^nothing/
  },
  {
    name: 'keys',
    machine: { files: { '/etc/kubernetes/pki/sa.key': '' } },
    verdict: 'fail',
    finding: /keys and certificates in \/etc\/kubernetes\/pki$/,
    remedy: /kubeadm reset/
  },
  {
    name: 'an API server',
    machine: { files: { '/etc/kubernetes/manifests/kube-apiserver.yaml': '' } },
    verdict: 'fail',
    finding: /static Pods/,
    remedy: /kubeadm reset/
  },
  {
    name: 'data',
    machine: { files: { '/var/lib/etcd/member/snap/db': '' } },
    verdict: 'fail',
    finding: /data of etcd in \/var\/lib\/etcd$/,
    remedy: /kubeadm reset/
  }
])

table(portsFree({ role, cluster: facts }), [
  { name: 'all free', machine: {}, verdict: 'pass', finding: /6443, 10257, 10259, 2379, 2380, 10256 are free/ },
  {
    name: "the API server's",
    machine: { taken: [6443] },
    verdict: 'fail',
    finding: /6443 is taken/,
    remedy: /ss -ltnp/
  },
  { name: "a member's", machine: { taken: [2380] }, verdict: 'fail', finding: /2380 is taken/, remedy: /ss -ltnp/ }
])
table(portsFree({ role, cluster: external }), [
  { name: "with external etcd its ports are anybody's", machine: { taken: [2379] }, verdict: 'pass', finding: /free/ }
])

const members = '192.0.2.1:2379, 192.0.2.1:2380, [fd00::1]:2379, [fd00::1]:2380'
table(etcdMembers(facts), [
  {
    name: 'each answers',
    machine: {},
    verdict: 'pass',
    finding: new RegExp(`^${members.replaceAll('[', '\\[')}: each`)
  },
  {
    name: 'one port is closed',
    machine: { unreachable: { '192.0.2.1:2380': 'ECONNREFUSED' } },
    verdict: 'fail',
    finding: /^192\.0\.2\.1:2380 refuses the connection/,
    remedy: /TCP port 2380/
  }
])
table(etcdMembers(undefined), [{ name: 'not asked', machine: {}, verdict: 'skipped', finding: /not asked/ }])
table(etcdMembers(external), [{ name: 'external', machine: {}, verdict: 'skipped', finding: /external/ }])
table(etcdMembers({ ...facts, controlPlanes: [] }), [
  {
    name: 'none is known',
    machine: {},
    verdict: 'fail',
    finding: /knows no control plane/,
    remedy: /endpointslices/
  }
])

table(controlPlaneEndpoint('k8s.example.org'), [
  {
    name: 'a name without a port',
    machine: { names: { 'k8s.example.org': ['192.0.2.5'] } },
    verdict: 'pass',
    finding: /:6443 answers/
  },
  { name: 'unknown to DNS', machine: {}, verdict: 'fail', finding: /DNS does not know/, remedy: /getent ahosts/ }
])
table(controlPlaneEndpoint('a b'), [
  { name: 'no endpoint', machine: {}, verdict: 'fail', finding: /is not host:port/, remedy: /kubeadm-config/ }
])
table(controlPlaneEndpoint(undefined), [
  { name: 'not told', machine: {}, verdict: 'skipped', finding: /did not name the endpoint/ }
])

const shown = (dynamic?: true) => ({
  commands: {
    'ip -json address show': JSON.stringify([{ addr_info: [{ local: '192.0.2.9', ...(dynamic && { dynamic }) }] }])
  }
})
table(fixedAddress({ role, nodeIp: '192.0.2.9', ignore: [] }), [
  { name: 'a fixed address', machine: shown(), verdict: 'pass', finding: /^192\.0\.2\.9$/ },
  { name: 'a lease', machine: shown(true), verdict: 'warn', finding: /is lent/, remedy: /DHCP server/ },
  { name: 'no ip command', machine: {}, verdict: 'pass', finding: /^192/ }
])
table(fixedAddress({ role, ignore: [] }), [{ name: 'no address', machine: {}, verdict: 'skipped', finding: /node-ip/ }])

table(clockSkew(1_999, role), [{ name: 'two seconds', machine: {}, verdict: 'pass', finding: /less than 2 seconds/ }])
table(clockSkew(-2_000, role), [
  { name: 'more', machine: {}, verdict: 'warn', finding: /2 seconds behind/, remedy: /date/ }
])
table(clockSkew(30_000, role), [
  { name: 'much', machine: {}, verdict: 'fail', finding: /30 seconds ahead/, remedy: /date/ }
])

table(diskSpace(true), [
  { name: 'room', machine: {}, verdict: 'pass', finding: /room/ },
  {
    name: 'none for etcd',
    machine: { space: { '/var/lib/etcd': { free: 500 * 2 ** 20 } } },
    verdict: 'fail',
    finding: /\/var\/lib\/etcd has less than 512 MiB/,
    remedy: /df -h/
  }
])

const reached = (...reaches: Reach[]): PreflightInput => ({
  role,
  ignore: [],
  cluster: facts,
  reachability: {
    address: '192.0.2.9',
    ports: [10250, 6443, 2379, 2380].map((port, index) => ({ port, reach: reaches[index] ?? 'open' }))
  }
})
table(reachability(reached()), [
  { name: 'all open', machine: {}, verdict: 'pass', finding: /10250 .*; .*6443 .*; .*2379 .*; .*2380 of 192/ }
])
table(reachability(reached('open', 'no-answer', 'open', 'refused')), [
  {
    name: 'two closed',
    machine: {},
    verdict: 'fail',
    finding: /^the pairing server gets no answer from TCP port 6443 .*; TCP port 2380 .* refuses/,
    remedy: /TCP port 6443[\s\S]*TCP port 2380/
  }
])
table(reachability({ role, ignore: [] }), [
  { name: 'not asked', machine: {}, verdict: 'skipped', finding: /not asked/ }
])
table(firewall(reached()), [{ name: 'no firewall', machine: {}, verdict: 'pass', finding: /^no firewall is in use$/ }])

t.end()
