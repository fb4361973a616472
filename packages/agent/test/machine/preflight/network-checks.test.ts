import t from 'tap'
import { timeServices } from '../../../src/host/time-services.ts'
import type { PreflightInput } from '../../../src/machine/preflight/check/preflight-input.ts'
import { controlPlanes } from '../../../src/machine/preflight/control-plane/control-planes.ts'
import { mtu } from '../../../src/machine/preflight/network/mtu.ts'
import { networkChecks } from '../../../src/machine/preflight/network-checks.ts'
import { apiEndpoint } from '../../../src/machine/preflight/reach/api-endpoint.ts'
import { pairingServer } from '../../../src/machine/preflight/reach/pairing-server.ts'
import { runChecks } from '../../../src/machine/preflight/run-checks.ts'
import { clockSkew } from '../../../src/machine/preflight/system/clock-skew.ts'
import { table } from '../../support/check-table.ts'
import { cluster, ipv4Routes, type Line, linked, plain } from '../../support/link-host.ts'
import { type Table, tableHost } from '../../support/table-host.ts'

const told: PreflightInput = {
  role: 'worker',
  apiEndpoint: '172.30.0.1:6443',
  pairingServer: 'https://172.30.0.1:7443',
  nodeName: 'worker-1',
  ignore: [],
  cluster,
  reachability: { address: '172.30.0.11', ports: [{ port: 10250, reach: 'open' }] }
}

t.test('a plain machine with one static interface and no DNS passes, once the pairing server was asked', async (t) => {
  const checks = await runChecks(tableHost(plain), networkChecks(told))
  t.same(
    checks.map(({ name, verdict }) => [name, verdict]),
    [
      ['clock-skew', 'pass'],
      ['api-endpoint', 'pass'],
      ['pairing-server', 'pass'],
      ['control-planes', 'pass'],
      ['node-ip', 'pass'],
      ['network-overlap', 'pass'],
      ['proxy', 'pass'],
      ['mtu', 'pass'],
      ['firewall', 'pass'],
      ['reachability', 'pass']
    ]
  )
})

t.test('a check that lacks an answer is skipped with the reason, and nothing fails', async (t) => {
  const checks = await runChecks(tableHost(plain), networkChecks({ role: 'worker', ignore: [] }))
  t.same(
    checks.filter(({ verdict }) => verdict === 'skipped').map(({ name, finding }) => [name, finding]),
    [
      ['clock-skew', 'the pairing server was not asked yet'],
      ['api-endpoint', 'no API endpoint was given'],
      ['pairing-server', 'no pairing server was given'],
      ['control-planes', 'the pairing server was not asked yet'],
      ['network-overlap', 'the pairing server was not asked yet'],
      ['reachability', 'the pairing server was not asked yet']
    ]
  )
  t.ok(checks.every(({ verdict }) => verdict === 'pass' || verdict === 'skipped'))
})

const services = (states: Record<string, string>): Table => ({
  commands: {
    [`systemctl show ${timeServices.join(' ')} --property=Id,LoadState,UnitFileState,ActiveState`]: timeServices
      .map((unit) => {
        const state = states[unit]
        return `Id=${unit}\nLoadState=${state === undefined ? 'not-found' : 'loaded'}\nActiveState=${state ?? 'inactive'}\n`
      })
      .join('\n')
  }
})
const timesyncd = (state: string) => services({ 'systemd-timesyncd.service': state })

const skews: [skew: number | undefined, machine: Table, verdict: string, finding: RegExp, remedy?: RegExp][] = [
  [undefined, {}, 'skipped', /^the pairing server was not asked yet$/],
  [0, {}, 'pass', /^this clock is less than 30 seconds apart from the pairing server's$/],
  [-29_999, {}, 'pass', /less than 30 seconds/],
  [
    30_000,
    timesyncd('inactive'),
    'warn',
    /30 seconds ahead .*; systemd-timesyncd\.service does not run$/,
    /^systemctl enable --now systemd-timesyncd\.service\ndate --set='-30 seconds'$/
  ],
  [
    -299_000,
    timesyncd('active'),
    'warn',
    /4 minutes 59 seconds behind .* runs, and has not set the clock yet/,
    /^systemctl restart systemd-timesyncd\.service\ndate --set='\+299 seconds'$/
  ],
  [-300_000, timesyncd('active'), 'fail', /5 minutes behind/, /^systemctl restart/],
  [
    3_661_000,
    services({ 'chrony.service': 'active', 'systemd-timesyncd.service': 'inactive' }),
    'fail',
    /^this clock is 1 hour 1 minute ahead of .* chrony\.service runs/,
    /^chronyc makestep\ndate --set='-3661 seconds'$/
  ],
  [600_000, services({ 'ntpd.service': 'active' }), 'fail', /ntpd\.service runs/, /^systemctl restart ntpd\.service/],
  [
    -90_000_000,
    {},
    'fail',
    /1 day 1 hour behind .* no time service is installed$/,
    /^apt-get install -y systemd-timesyncd\ndate --set='\+90000 seconds'$/
  ]
]
for (const [skew, machine, verdict, finding, remedy] of skews) {
  const name = skew === undefined ? 'not known' : `${skew} ms`
  table(
    clockSkew(skew, 'worker'),
    [{ name, machine, verdict: verdict as 'pass', finding, ...(remedy && { remedy }) }],
    `clock-skew: ${name}`
  )
}

const unreachable = (code: string, ...peers: string[]): Table => ({
  unreachable: Object.fromEntries(peers.map((peer) => [peer, code]))
})

table(apiEndpoint('172.30.0.1:6443'), [
  { name: 'answers', machine: {}, verdict: 'pass', finding: /^172\.30\.0\.1:6443 answers$/ },
  {
    name: 'refused',
    machine: unreachable('ECONNREFUSED', '172.30.0.1:6443'),
    verdict: 'fail',
    finding: /refuses the connection/,
    remedy: /^# allow TCP port 6443 from this machine to 172\.30\.0\.1, and see that kube-apiserver runs there$/
  },
  {
    name: 'no answer',
    machine: unreachable('ETIMEDOUT', '172.30.0.1:6443'),
    verdict: 'fail',
    finding: /does not answer: a firewall drops it/,
    remedy: /^# allow TCP port 6443 from this machine/
  },
  {
    name: 'no machine has the address',
    machine: unreachable('EHOSTUNREACH', '172.30.0.1:6443'),
    verdict: 'fail',
    finding: /no machine answers at that address/,
    remedy: /^# allow TCP port 6443/
  },
  {
    name: 'no route',
    machine: unreachable('ENETUNREACH', '172.30.0.1:6443'),
    verdict: 'fail',
    finding: /this machine has no route there/,
    remedy: /^ip route get 172\.30\.0\.1\n# allow TCP port 6443/
  }
])

const named = (addresses: string[] | string, more: Table = {}): Table => ({
  names: { 'api.example.com': addresses },
  ...more
})
table(
  apiEndpoint('api.example.com:6443'),
  [
    {
      name: 'each address of the name answers',
      machine: named(['172.30.0.2', '172.30.0.1']),
      verdict: 'pass',
      finding: /^api\.example\.com:6443 answers \(172\.30\.0\.1, 172\.30\.0\.2\)$/
    },
    {
      name: 'one of two answers',
      machine: named(['172.30.0.1', '172.30.0.2'], unreachable('ETIMEDOUT', '172.30.0.2:6443')),
      verdict: 'warn',
      finding: /answers \(172\.30\.0\.1\), but api\.example\.com:6443 \(172\.30\.0\.2\) does not answer/,
      remedy: /^# allow TCP port 6443/
    },
    {
      name: 'an IPv6 address that this machine has no way to is nothing odd',
      machine: named(['172.30.0.1', '2001:db8::1'], unreachable('ENETUNREACH', '2001:db8::1:6443')),
      verdict: 'pass',
      finding: /answers \(172\.30\.0\.1\)$/
    },
    {
      name: 'none answers, each for its own reason',
      machine: named(['172.30.0.1', '172.30.0.2'], {
        unreachable: { '172.30.0.1:6443': 'ECONNREFUSED', '172.30.0.2:6443': 'ETIMEDOUT' }
      }),
      verdict: 'fail',
      finding: /\(172\.30\.0\.1\) refuses .*; api\.example\.com:6443 \(172\.30\.0\.2\) does not answer/,
      remedy: /^# allow TCP port 6443/
    },
    {
      name: 'DNS does not know the name',
      machine: {},
      verdict: 'fail',
      finding: /^api\.example\.com:6443 has a name that DNS does not know$/,
      remedy: /^getent ahosts api\.example\.com\ncat \/etc\/resolv\.conf$/
    },
    {
      name: 'no DNS server answers',
      machine: named('EAI_AGAIN'),
      verdict: 'fail',
      finding: /no DNS server answers$/,
      remedy: /^getent ahosts/
    },
    {
      name: 'no DNS server answers in time',
      machine: named('ETIMEDOUT'),
      verdict: 'fail',
      finding: /no DNS server answers$/,
      remedy: /^getent ahosts/
    }
  ],
  'api-endpoint by a name'
)

table(
  apiEndpoint('[fd00::1]:6443'),
  [
    {
      name: 'IPv6',
      machine: unreachable('ECONNREFUSED', 'fd00::1:6443'),
      verdict: 'fail',
      finding: /^\[fd00::1\]:6443 refuses/,
      remedy: /to fd00::1/
    }
  ],
  'api-endpoint by IPv6'
)

for (const wrong of ['api.example.com', 'https://api.example.com:6443/', ':6443', '']) {
  table(
    apiEndpoint(wrong),
    [{ name: wrong, machine: {}, verdict: 'fail', finding: /is not host:port/, remedy: /agent\.yaml/ }],
    `api-endpoint ${JSON.stringify(wrong)}`
  )
}

table(pairingServer('https://joinery.example.com:7443'), [
  {
    name: 'answers',
    machine: { names: { 'joinery.example.com': ['172.30.0.1'] } },
    verdict: 'pass',
    finding: /^joinery\.example\.com:7443 answers \(172\.30\.0\.1\)$/
  },
  {
    name: 'refused',
    machine: { names: { 'joinery.example.com': ['172.30.0.1'] }, ...unreachable('ECONNREFUSED', '172.30.0.1:7443') },
    verdict: 'fail',
    finding: /^joinery\.example\.com:7443 \(172\.30\.0\.1\) refuses/,
    remedy: /^# allow TCP port 7443 from this machine to joinery\.example\.com, and see that joinery-server runs there$/
  },
  {
    name: 'a name that does not exist',
    machine: {},
    verdict: 'fail',
    finding: /DNS does not know/,
    remedy: /^getent ahosts joinery\.example\.com/
  }
])

const silentAt: [url: string, peer: string][] = [
  ['https://172.30.0.1', '172.30.0.1:443'],
  ['https://172.30.0.1:443', '172.30.0.1:443'],
  ['https://[fd00::1]:7443', 'fd00::1:7443'],
  ['https://[fd00::1]', 'fd00::1:443']
]
for (const [url, peer] of silentAt) {
  table(
    pairingServer(url),
    [
      {
        name: url,
        machine: unreachable('ETIMEDOUT', peer),
        verdict: 'fail',
        finding: /does not answer/,
        remedy: /allow/
      }
    ],
    `pairing-server ${url}`
  )
}
for (const wrong of ['http://172.30.0.1:7443', '172.30.0.1:7443', 'https://', '']) {
  table(
    pairingServer(wrong),
    [{ name: wrong, machine: {}, verdict: 'fail', finding: /is no https:\/\/ address/, remedy: /agent\.yaml/ }],
    `pairing-server ${JSON.stringify(wrong)}`
  )
}

const both = unreachable('ETIMEDOUT', '172.30.0.1:7443', '172.30.0.2:7443')
table(
  pairingServer('https://172.30.0.1:7443', ['https://172.30.0.2:7443']),
  [
    {
      name: 'both answer',
      machine: {},
      verdict: 'pass',
      finding: /^172\.30\.0\.1:7443 answers; 172\.30\.0\.2:7443 answers$/
    },
    {
      name: 'one is enough',
      machine: unreachable('ETIMEDOUT', '172.30.0.1:7443'),
      verdict: 'warn',
      finding: /^172\.30\.0\.2:7443 answers; but 172\.30\.0\.1:7443 does not answer/,
      remedy: /^# allow TCP port 7443 from this machine to 172\.30\.0\.1,/
    },
    {
      name: 'none answers',
      machine: both,
      verdict: 'fail',
      finding: /^172\.30\.0\.1:7443 does not answer.*; 172\.30\.0\.2:7443 does not answer/,
      remedy: /172\.30\.0\.1,.*\n.*172\.30\.0\.2,/
    }
  ],
  'pairing-server with several servers'
)

const three = ['172.30.0.1:6443', '172.30.0.2:6443', 'cp-3.example.com:6443']
const cp3 = { names: { 'cp-3.example.com': ['172.30.0.3'] } }
table(controlPlanes(three), [
  {
    name: 'each answers',
    machine: cp3,
    verdict: 'pass',
    finding: /^172\.30\.0\.1:6443, 172\.30\.0\.2:6443, cp-3\.example\.com:6443: each answers$/
  },
  {
    name: 'one is silent, one has no name: a load balancer may still choose them',
    machine: unreachable('ETIMEDOUT', '172.30.0.2:6443'),
    verdict: 'warn',
    finding: /^2 of 3 API servers do not answer: 172\.30\.0\.2:6443 does not answer.*; cp-3.* DNS does not know$/,
    remedy: /^# allow TCP port 6443 from this machine to 172\.30\.0\.2.*\ngetent ahosts cp-3/
  },
  {
    name: 'none answers',
    machine: { ...cp3, ...unreachable('ETIMEDOUT', '172.30.0.1:6443', '172.30.0.2:6443', '172.30.0.3:6443') },
    verdict: 'fail',
    finding: /^no API server answers: /,
    remedy: /to 172\.30\.0\.1/
  }
])
table(
  controlPlanes([]),
  [{ name: 'none is known', machine: {}, verdict: 'skipped', finding: /knows the address of no API server/ }],
  'control-planes of a server that knows none'
)

const mtus = (sizes: Record<string, number>): Table => ({
  files: {
    '/proc/net/route': ipv4Routes(
      ...Object.keys(sizes).map((device, metric): Line => ['0.0.0.0/0', device, { via: '172.30.0.1', metric }])
    ),
    ...Object.fromEntries(Object.entries(sizes).map(([device, size]) => [`/sys/class/net/${device}/mtu`, `${size}\n`]))
  },
  interfaces: linked({ eth0: ['172.30.0.11'] })
})
table(mtu(told), [
  { name: 'Ethernet', machine: mtus({ eth0: 1500 }), verdict: 'pass', finding: /^the MTU is 1500 \(eth0\)$/ },
  { name: 'a cloud', machine: mtus({ ens4: 1460 }), verdict: 'pass', finding: /1460/ },
  { name: 'jumbo frames', machine: mtus({ eth0: 9000 }), verdict: 'pass', finding: /9000/ },
  {
    name: 'a tunnel',
    machine: mtus({ wg0: 1420 }),
    verdict: 'warn',
    finding: /less than 1400 bytes within VXLAN: wg0 has 1420/,
    remedy: /^ip -d link show dev wg0\n# if .*: ip link set dev wg0 mtu 1500$/
  },
  {
    name: 'two ways out that differ',
    machine: mtus({ eth0: 1500, eth1: 9000 }),
    verdict: 'warn',
    finding: /differ in their MTU: eth0 has 1500, eth1 has 9000/,
    remedy: /dev eth0/
  },
  { name: 'too small for IPv4', machine: mtus({ ppp0: 500 }), verdict: 'fail', finding: /below 576/, remedy: /ppp0/ },
  { name: 'no way out', machine: {}, verdict: 'skipped', finding: /no default route/ }
])
table(
  mtu({ ...told, nodeIp: 'fd00::11' }),
  [
    {
      name: 'too small for IPv6',
      machine: mtus({ eth0: 1279 }),
      verdict: 'fail',
      finding: /below 1280/,
      remedy: /eth0/
    },
    { name: 'the least', machine: mtus({ eth0: 1280 }), verdict: 'warn', finding: /VXLAN/, remedy: /eth0/ }
  ],
  'mtu with IPv6'
)
