import type { PreflightInput } from '../../../../src/machine/preflight/check/preflight-input.ts'
import { networkOverlap } from '../../../../src/machine/preflight/network/network-overlap.ts'
import { nodeIp } from '../../../../src/machine/preflight/network/node-ip.ts'
import { table } from '../../../support/check-table.ts'
import { ipv4Routes, linked, plain } from '../../../support/link-host.ts'
import type { Table } from '../../../support/table-host.ts'

const input = (more: Partial<PreflightInput> = {}): PreflightInput => ({
  role: 'worker',
  nodeName: 'worker-1',
  ignore: [],
  ...more
})
const seen = (address: string) => ({ reachability: { address, ports: [] } })

const twoCards = (...routes: Parameters<typeof ipv4Routes>): Table => ({
  interfaces: linked({
    lo: ['127.0.0.1'],
    eth0: ['203.0.113.5'],
    eth1: ['172.30.0.11', 'fd00::11'],
    eth2: ['fe80::2']
  }),
  files: { '/proc/net/route': ipv4Routes(...routes) }
})
const overEth0 = twoCards(['0.0.0.0/0', 'eth0', { via: '203.0.113.1' }], ['172.30.0.0/24', 'eth1'])
const ipv6Default = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003 eth1\n`

table(
  nodeIp(input()),
  [
    { name: 'one card', machine: plain, verdict: 'pass', finding: /^the kubelet uses 172\.30\.0\.11 \(eth0\)$/ },
    {
      name: 'two cards: that of the default route',
      machine: overEth0,
      verdict: 'pass',
      finding: /^the kubelet uses 203\.0\.113\.5 \(eth0\)$/
    },
    {
      name: 'two default routes: the kernel shows that of the lower metric first',
      machine: twoCards(
        ['0.0.0.0/0', 'eth1', { via: '172.30.0.1', metric: 10 }],
        ['0.0.0.0/0', 'eth0', { metric: 20 }]
      ),
      verdict: 'pass',
      finding: /172\.30\.0\.11 \(eth1\)$/
    },
    {
      name: 'the half of the world that a VPN puts before the default route',
      machine: twoCards(
        ['0.0.0.0/1', 'eth1', { via: '172.30.0.1' }],
        ['0.0.0.0/0', 'eth0', { via: '203.0.113.1', metric: 100 }]
      ),
      verdict: 'pass',
      finding: /172\.30\.0\.11 \(eth1\)$/
    },
    {
      name: 'two default routes of one metric',
      machine: twoCards(['0.0.0.0/0', 'eth1', { via: '172.30.0.1' }], ['0.0.0.0/0', 'eth0', { via: '203.0.113.1' }]),
      verdict: 'warn',
      finding: /172\.30\.0\.11 \(eth1\), by chance: eth1 and eth0 have default routes of the same metric$/,
      remedy:
        /^echo 'nodeIp: 203\.0\.113\.5' >> .*\n# or: echo 'nodeIp: 172\.30\.0\.11' >> \/etc\/joinery\/agent\.yaml && systemctl restart joinery-agent$/
    },
    {
      name: 'the name of the Node comes before routes, where it stands for an own address',
      machine: { ...overEth0, names: { 'worker-1': ['127.0.1.1', '198.51.100.7', 'fd00::11', '172.30.0.11'] } },
      verdict: 'pass',
      finding: /172\.30\.0\.11 \(eth1\)$/
    },
    {
      name: 'IPv6 alone',
      machine: { ...overEth0, files: { '/proc/net/ipv6_route': ipv6Default } },
      verdict: 'pass',
      finding: /fd00::11 \(eth1\)$/
    },
    {
      name: 'the link of the default route has no address of its own, and the loopback link has one (RFC 5549)',
      machine: {
        interfaces: linked({ lo: ['127.0.0.1', '172.30.9.9'], eth0: ['fe80::1'] }),
        files: { '/proc/net/route': ipv4Routes(['0.0.0.0/0', 'eth0', { via: '169.254.0.1' }]) }
      },
      verdict: 'pass',
      finding: /172\.30\.9\.9 \(lo\)$/
    },
    {
      name: 'no default route',
      machine: twoCards(['172.30.0.0/24', 'eth1']),
      verdict: 'fail',
      finding: /find no address for this Node: there is no default route/,
      remedy:
        /^echo 'nodeIp: 203\.0\.113\.5' >> .*\n# or: echo 'nodeIp: 172\.30\.0\.11' >> .*\n# or: echo 'nodeIp: fd00::11' >> /
    },
    { name: 'no network at all', machine: {}, verdict: 'fail', finding: /no address/, remedy: /^ip address\nip route$/ }
  ],
  'node-ip, as the kubelet would choose it'
)

table(
  nodeIp(input(seen('172.30.0.11'))),
  [
    { name: 'the same', machine: plain, verdict: 'pass', finding: /^the kubelet uses 172\.30\.0\.11/ },
    {
      name: 'another one',
      machine: overEth0,
      verdict: 'warn',
      finding:
        /would use 203\.0\.113\.5 \(eth0\), and the pairing server sees this machine as 172\.30\.0\.11 \(eth1\)$/,
      remedy: /^echo 'nodeIp: 172\.30\.0\.11' >> \/etc\/joinery\/agent\.yaml/
    }
  ],
  'node-ip beside the address that the pairing server sees'
)
table(
  nodeIp(input(seen('198.51.100.1'))),
  [{ name: 'of somebody else', machine: plain, verdict: 'pass', finding: /uses 172\.30\.0\.11/ }],
  'node-ip behind NAT'
)

table(
  nodeIp(input({ nodeIp: '172.30.0.11', ...seen('203.0.113.5') })),
  [
    {
      name: 'on a link',
      machine: overEth0,
      verdict: 'pass',
      finding: /told to use 172\.30\.0\.11 \(eth1\); the pairing server sees 203\.0\.113\.5$/
    },
    {
      name: 'on no link',
      machine: { interfaces: linked({ eth0: ['203.0.113.5'] }) },
      verdict: 'fail',
      finding: /^nodeIp in agent\.yaml is 172\.30\.0\.11, which no link of this machine has$/,
      remedy: /^sed -i 's\/\^nodeIp:\.\*\/nodeIp: 203\.0\.113\.5\/' \/etc\/joinery\/agent\.yaml && systemctl restart/
    },
    { name: 'no link at all', machine: {}, verdict: 'fail', finding: /no link/, remedy: /^ip address$/ }
  ],
  'node-ip of agent.yaml'
)
for (const [address, reason] of [
  ['127.0.0.1', /is a loopback address/],
  ['fe80::1', /is a link-local address/],
  ['0.0.0.0', /is no address of a machine/],
  ['1.2.3', /is no IP address/]
] as const) {
  table(
    nodeIp(input({ nodeIp: address })),
    [{ name: address, machine: plain, verdict: 'fail', finding: reason, remedy: /nodeIp: 172\.30\.0\.11/ }],
    `node-ip ${address} of agent.yaml`
  )
}

const cluster = { podSubnets: ['10.244.0.0/16', 'fd00:10:244::/56'], serviceSubnets: ['10.96.0.0/16'] }
const withRoutes = (...routes: Parameters<typeof ipv4Routes>): Table => ({
  ...plain,
  files: { '/proc/net/route': ipv4Routes(['0.0.0.0/0', 'eth0', { via: '172.30.0.1' }], ...routes) }
})
table(networkOverlap(cluster), [
  { name: 'apart', machine: plain, verdict: 'pass', finding: /^no route and no address of this machine is in the Pod/ },
  {
    name: 'the network of a link within the Pod network',
    machine: withRoutes(['10.244.7.0/24', 'eth1']),
    verdict: 'fail',
    finding: /^the route to 10\.244\.7\.0\/24 over eth1 shares addresses with the Pod network 10\.244\.0\.0\/16$/,
    remedy: /^ip route show dev eth1\n# give the network/
  },
  {
    name: 'the network of a link that holds both',
    machine: withRoutes(['10.0.0.0/8', 'eth1']),
    verdict: 'fail',
    finding: /with the Pod network .*; .* with the Service network 10\.96\.0\.0\/16$/,
    remedy: /^ip route show dev eth1\n# give/
  },
  {
    name: 'a part of the Service network by a router',
    machine: withRoutes(['10.96.128.0/17', 'eth1', { via: '172.30.0.9' }]),
    verdict: 'fail',
    finding: /with the Service network/,
    remedy: /eth1/
  },
  {
    name: 'a wider network by a router: the more specific route of the cluster wins',
    machine: withRoutes(['10.0.0.0/8', 'eth1', { via: '172.30.0.9' }]),
    verdict: 'warn',
    finding: /this machine cannot reach those addresses that the cluster uses$/,
    remedy: /^ip route show dev eth1$/
  },
  {
    name: 'the two halves of the world that a VPN puts before the default route',
    machine: withRoutes(['0.0.0.0/1', 'tun0', { via: '10.8.0.1' }], ['128.0.0.0/1', 'tun0', { via: '10.8.0.1' }]),
    verdict: 'pass',
    finding: /^no route/
  },
  {
    name: 'an address alone',
    machine: { ...plain, interfaces: linked({ eth0: ['172.30.0.11', '10.96.0.10'] }) },
    verdict: 'fail',
    finding: /^the address 10\.96\.0\.10 of eth0 shares addresses with the Service network/,
    remedy: /eth0/
  },
  {
    name: 'IPv6',
    machine: { ...plain, interfaces: linked({ eth0: ['172.30.0.11', 'fd00:10:244::11'] }) },
    verdict: 'fail',
    finding: /fd00:10:244::11 of eth0 shares addresses with the Pod network fd00:10:244::\/56/,
    remedy: /eth0/
  },
  {
    name: 'what a network plugin made belongs there',
    machine: {
      interfaces: linked({ eth0: ['172.30.0.11'], cni0: ['10.244.1.1'], 'flannel.1': ['10.244.1.0'] }),
      files: { '/proc/net/route': ipv4Routes(['10.244.1.0/24', 'cni0'], ['10.244.2.0/24', 'flannel.1']) }
    },
    verdict: 'pass',
    finding: /^no route/
  },
  {
    name: 'what docker made does not',
    machine: withRoutes(['10.244.0.0/24', 'docker0']),
    verdict: 'fail',
    finding: /docker0/,
    remedy: /docker0/
  }
])
table(
  networkOverlap({ podSubnets: ['10.96.0.0/12'], serviceSubnets: ['10.96.0.0/16'] }),
  [
    {
      name: 'Pods and Services',
      machine: plain,
      verdict: 'fail',
      finding: /^the Pod network 10\.96\.0\.0\/12 shares addresses with the Service network 10\.96\.0\.0\/16$/,
      remedy: /^# give the network .* another range$/
    }
  ],
  'network-overlap of the cluster with itself'
)
table(
  networkOverlap({ podSubnets: [], serviceSubnets: [] }),
  [{ name: 'neither is known', machine: plain, verdict: 'skipped', finding: /knows neither/ }],
  'network-overlap of a cluster that does not tell'
)
