import { passes } from '@joinery/protocol'
import t from 'tap'
import { fail, pass, warn } from '../../src/machine/preflight/check.ts'
import { checksFor, preflight } from '../../src/machine/preflight/preflight.ts'
import { type Table, tableHost } from './table-host.ts'

const fresh: Table = {
  files: {
    '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n',
    '/proc/filesystems': 'nodev\tsysfs\n\text4\nnodev\toverlay\n',
    '/proc/sys/net/ipv4/ip_forward': '0\n'
  },
  programs: { kubelet: 'v1.37.2', kubeadm: 'v1.37.2', kubectl: 'v1.37.2' },
  commands: {
    'systemctl show kubelet.service --property=LoadState,UnitFileState': 'LoadState=loaded\nUnitFileState=enabled\n'
  },
  runtime: {
    socket: '/run/containerd/containerd.sock',
    name: 'containerd',
    version: '2.4.2',
    problem: undefined,
    cgroupDriver: 'systemd'
  }
}

const names = [
  'kubelet-installed',
  'kubeadm-installed',
  'kubectl-installed',
  'kubelet-service',
  'swap',
  'kernel-modules',
  'sysctls',
  'container-runtime',
  'cgroup-driver',
  'api-endpoint',
  'ports-free',
  'earlier-join'
]

t.test(
  'a fresh machine fails for its module and sysctls alone, and every check is reported in its order',
  async (t) => {
    const checks = await preflight(tableHost(fresh), checksFor('172.30.0.1:6443'))
    t.same(
      checks.map(({ name }) => name),
      names
    )
    t.same(
      checks.filter(({ verdict }) => verdict !== 'pass').map(({ name, verdict }) => [name, verdict]),
      [
        ['kernel-modules', 'fail'],
        ['sysctls', 'fail']
      ]
    )
  }
)

t.test('a prepared machine passes', async (t) => {
  const files = {
    ...fresh.files,
    '/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n',
    '/proc/sys/net/bridge/bridge-nf-call-ip6tables': '1\n',
    '/proc/sys/net/ipv4/ip_forward': '1\n'
  }
  const checks = await preflight(tableHost({ ...fresh, files }), checksFor('172.30.0.1:6443'))
  t.ok(passes(checks))
  t.ok(checks.every(({ verdict, remedy }) => verdict === 'pass' && remedy === undefined))
})

t.test('where nothing is installed at all, everything that can fail says what to do', async (t) => {
  const checks = await preflight(tableHost({}), checksFor('172.30.0.1:6443'))
  for (const { name, verdict, remedy } of checks) if (verdict === 'fail') t.ok(remedy, name)
  t.same(
    checks.filter(({ verdict }) => verdict === 'pass').map(({ name }) => name),
    ['swap', 'api-endpoint', 'ports-free', 'earlier-join']
  )
})

t.test('a check that throws has failed, says what happened, and keeps no other from running', async (t) => {
  const broken = {
    name: 'broken',
    run: async () => {
      throw new Error('EIO: i/o error')
    }
  }
  const checks = await preflight(tableHost({}), [broken, { name: 'other', run: async () => pass('fine') }])
  t.match(checks, [
    { name: 'broken', verdict: 'fail', finding: 'could not be checked: EIO: i/o error' },
    { name: 'other', verdict: 'pass', finding: 'fine' }
  ])
})

t.test('findings and remedies keep the protocol’s limit', async (t) => {
  const long = { name: 'long', run: async () => fail('f'.repeat(5000), 'r'.repeat(5000)) }
  const [check] = await preflight(tableHost({}), [long])
  t.equal(check?.finding.length, 1024)
  t.equal(check?.remedy?.length, 1024)
})

t.test('a warning does not keep a machine from its join', async (t) => {
  t.ok(passes(await preflight(tableHost({}), [{ name: 'w', run: async () => warn('odd', 'look') }])))
})
