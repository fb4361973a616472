import { passes, type Remediation } from '@joinery/protocol'
import t from 'tap'
import { timeServices } from '../../../src/host/time-services.ts'
import { byHand, type Finding, fail, pass, warn } from '../../../src/machine/preflight/check/check.ts'
import { checksFor, runChecks } from '../../../src/machine/preflight/run-checks.ts'
import { kubernetesPrograms } from '../../../src/machine/preflight/runtime/programs.ts'
import { requiredOptions, usefulOptions } from '../../../src/machine/preflight/system/kernel.ts'
import { plain } from '../../support/link-host.ts'
import { type Table, tableHost } from '../../support/table-host.ts'

const timesyncd = 'Id=systemd-timesyncd.service\nLoadState=loaded\nUnitFileState=enabled\nActiveState=active\n'
const options = [...requiredOptions, ...usefulOptions].map(([name]) => `CONFIG_${name}=y\n`)

const fresh: Table = {
  ...plain,
  files: {
    ...plain.files,
    '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n',
    '/proc/filesystems': 'nodev\tsysfs\n\text4\nnodev\toverlay\n',
    '/proc/sys/net/ipv4/ip_forward': '0\n',
    '/proc/sys/kernel/osrelease': '6.12.48+deb13-amd64\n',
    '/boot/config-6.12.48+deb13-amd64': options.join(''),
    '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids rdma misc\n',
    '/proc/sys/kernel/hostname': 'worker-1\n',
    '/etc/hosts': '127.0.1.1 worker-1\n',
    '/etc/machine-id': '0f8a4b7e6d2c4c1f9a3b5e7d8c6f4a21\n',
    '/run/systemd/timesync/synchronized': '',
    ...Object.fromEntries(kubernetesPrograms.map((name) => [`/usr/sbin/${name}`, '']))
  },
  programs: { kubelet: 'v1.37.2', kubeadm: 'v1.37.2', kubectl: 'v1.37.2' },
  commands: {
    'systemctl show kubelet.service --property=LoadState,UnitFileState': 'LoadState=loaded\nUnitFileState=enabled\n',
    [`systemctl show ${timeServices.join(' ')} --property=Id,LoadState,UnitFileState,ActiveState`]: timesyncd
  },
  runtime: {
    socket: '/run/containerd/containerd.sock',
    name: 'containerd',
    version: '2.4.2',
    problem: undefined,
    cgroupDriver: 'systemd'
  }
}

t.test('a fresh machine fails only for its module and sysctls, and every check is reported in its order', async (t) => {
  const expected = checksFor({ role: 'worker', apiEndpoint: '172.30.0.1:6443', ignore: [] })
  const checks = await runChecks(tableHost(fresh), expected)
  t.same(
    checks.map(({ name }) => name),
    expected.map(({ name }) => name)
  )
  t.same(
    checks
      .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skipped')
      .map(({ name, verdict }) => [name, verdict]),
    [
      ['kernel-modules', 'fail'],
      ['sysctls', 'fail']
    ]
  )
})

t.test('a prepared machine passes', async (t) => {
  const files = {
    ...fresh.files,
    '/proc/modules': 'br_netfilter 32768 0 - Live 0x0\n',
    '/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n',
    '/proc/sys/net/bridge/bridge-nf-call-ip6tables': '1\n',
    '/proc/sys/net/ipv4/ip_forward': '1\n',
    '/etc/modules-load.d/k8s.conf': 'overlay\nbr_netfilter\n',
    '/etc/sysctl.d/k8s.conf': 'net.ipv4.ip_forward = 1\n'
  }
  const checks = await runChecks(
    tableHost({ ...fresh, files }),
    checksFor({ role: 'worker', apiEndpoint: '172.30.0.1:6443', ignore: [] })
  )
  t.ok(passes(checks))
  t.ok(checks.every(({ verdict, remedy }) => ['pass', 'skipped'].includes(verdict) && remedy === undefined))
})

t.test('on a machine with nothing installed every failure has a remedy', async (t) => {
  const checks = await runChecks(
    tableHost({}),
    checksFor({ role: 'worker', apiEndpoint: '172.30.0.1:6443', ignore: [] })
  )
  for (const { name, verdict, remedy } of checks) if (verdict === 'fail') t.ok(remedy, name)
  t.same(
    checks.filter(({ verdict }) => verdict === 'pass').map(({ name }) => name),
    [
      'root',
      'swap',
      'user-namespaces',
      'disk-space',
      'open-files',
      'security-modules',
      'ports-free',
      'earlier-join',
      'leftovers',
      'api-endpoint',
      'proxy',
      'firewall'
    ]
  )
})

t.test('a check that throws fails with the error, keeps no other from running, and is not mended', async (t) => {
  const broken = {
    name: 'broken',
    why: 'a reason',
    mends: 'safe' as const,
    run: async () => {
      throw new Error('EIO: i/o error')
    }
  }
  const checks = await runChecks(tableHost({}), [
    broken,
    { name: 'other', why: 'a reason', run: async () => pass('fine') }
  ])
  t.match(checks, [
    { name: 'broken', verdict: 'fail', finding: 'could not be checked: EIO: i/o error' },
    { name: 'other', verdict: 'pass', finding: 'fine' }
  ])
  t.equal(checks[0]?.mends, undefined)
})

t.test('findings and remedies keep the protocol’s limit', async (t) => {
  const long = {
    name: 'long',
    why: 'w'.repeat(5000),
    run: async () => fail('f'.repeat(5000), ...Array(20).fill('r'.repeat(5000)))
  }
  const [check] = await runChecks(tableHost({}), [long])
  t.equal(check?.finding.length, 1024)
  t.equal(check?.why?.length, 512)
  t.same(check?.remedy, Array(8).fill(`# too long: ${'r'.repeat(500)}`))
})

t.test('a warning does not keep a machine from its join', async (t) => {
  t.ok(passes(await runChecks(tableHost({}), [{ name: 'w', why: 'a reason', run: async () => warn('odd', 'look') }])))
})

t.test('a failure that is ignored is shown as a warning, and says that it was ignored', async (t) => {
  const swap = { name: 'swap', why: 'a reason', run: async () => fail('swap is on', 'swapoff -a') }
  const checks = await runChecks(tableHost({}), [swap, { ...swap, name: 'other', run: async () => pass('fine') }], {
    ignore: ['swap', 'other'],
    remediate: 'off'
  })
  t.match(checks, [{ verdict: 'warn', ignored: true, remedy: ['swapoff -a'] }, { verdict: 'pass' }])
  t.equal(checks[1]?.ignored, undefined, 'nothing was there to be ignored')
})

t.test('if the level keeps the agent from mending, the remedy names the level that does not', async (t) => {
  const check = { name: 'cgroup-driver', why: 'a reason', mends: 'runtime' as const }
  const remedy = async (finding: Finding, remediate?: Remediation) => {
    const taken = { ignore: [], ...(remediate && { remediate }) }
    return (await runChecks(tableHost({}), [{ ...check, run: async () => finding }], taken))[0]?.remedy
  }
  const found = fail('it is cgroupfs', 'sed', ...Array.from({ length: 8 }, () => 'restart'))
  const offer =
    '# or let the agent do it: remediate: runtime in /etc/joinery/agent.yaml, then: systemctl restart joinery-agent'
  t.equal((await remedy(found, 'safe'))?.at(-1), offer)
  t.equal((await remedy(found, 'safe'))?.length, 8, 'within the limit of the protocol')
  t.equal((await remedy(found, 'off'))?.at(-1), offer)
  t.equal((await remedy(found, 'runtime'))?.at(-1), 'restart')
  t.equal((await remedy(found))?.at(-1), 'restart', 'without an agent nobody mends by itself')
  t.equal((await remedy(byHand(found), 'safe'))?.at(-1), 'restart')
})

t.test('a finding says from which level on the agent mends it, unless this machine stands in the way', async (t) => {
  const check = { name: 'swap', why: 'a reason', mends: 'safe' as const }
  const found = async (finding: Finding) =>
    (await runChecks(tableHost({}), [{ ...check, run: async () => finding }]))[0]
  t.equal((await found(fail('swap is on', 'swapoff -a')))?.mends, 'safe')
  t.equal((await found(warn('swap comes back', 'systemctl mask')))?.mends, 'safe')
  t.equal((await found(byHand(fail('swap is on', 'swapoff -a'))))?.mends, undefined)
  t.equal((await found(pass('swap is off')))?.mends, undefined)
})

t.test('one preflight asks nothing twice, however many checks need the answer', async (t) => {
  const host = tableHost({ ...fresh, files: { ...fresh.files, '/proc/modules': 'nf_tables 380928 1 - Live 0x0\n' } })
  const asked: string[] = []
  const told: typeof host = {
    ...host,
    exec: (argv) => {
      asked.push(argv.join(' '))
      return host.exec(argv)
    },
    runtime: () => {
      asked.push('the runtime')
      return host.runtime()
    }
  }
  const reachability = { address: '172.30.0.11', ports: [{ port: 10250, reach: 'refused' as const }] }
  const input = { role: 'worker' as const, ignore: [], reachability }
  await runChecks(told, checksFor(input), input)
  t.ok(['the runtime', 'iptables-save'].every((one) => asked.includes(one)))
  t.same(asked, [...new Set(asked)])
  const once = asked.length
  await runChecks(told, checksFor(input), input)
  t.equal(asked.length, 2 * once, 'the next look asks anew')
})
