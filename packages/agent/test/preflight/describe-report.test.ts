import type { Check, PreflightReport } from '@joinery/protocol'
import t from 'tap'
import { describeReport, nextCommand } from '../../src/preflight/print-report.ts'

const report: PreflightReport = {
  version: 1,
  result: 'fail',
  checks: [
    { name: 'kubeadm-installed', verdict: 'pass', finding: 'kubeadm v1.37.2' },
    { name: 'swap', verdict: 'fail', finding: 'swap is on', why: 'limits', remedy: ['swapoff -a', 'edit fstab'] },
    { name: 'mtu', verdict: 'warn', finding: 'odd', why: 'packets', remedy: [], ignored: true },
    { name: 'api-endpoint', verdict: 'skipped', finding: 'none was given' }
  ]
}

t.test('every check has its verdict, finding, remedies and reason, and all are counted', async (t) => {
  t.equal(
    describeReport(report, false),
    `CHECK               VERDICT   FINDING
kubeadm-installed   pass      kubeadm v1.37.2
swap                fail      swap is on
                              remedy: swapoff -a
                              remedy: edit fstab
                              why: limits
mtu                 warn      odd (ignored)
                              why: packets
api-endpoint        skipped   none was given

4 checks: 1 failed, 1 warned, 1 skipped, 1 passed
`
  )
})

t.test('changes come first, with their old and new values', async (t) => {
  const changes = [
    { check: 'sysctls', what: 'net.ipv4.ip_forward', before: '0', after: '1' },
    { check: 'swap', what: 'could not turn swap off' }
  ]
  t.match(
    describeReport({ ...report, changes }, false),
    `CHANGED                   OLD   NEW   FOR
net.ipv4.ip_forward       0     1     sysctls
could not turn swap off               swap

CHECK `
  )
  const file = { check: 'cgroup-driver', what: '/etc/containerd/config.toml', before: 'a', after: 'a\nb\n' }
  t.match(describeReport({ ...report, changes: [file] }, false), /config\.toml +a +2 lines +cgroup-driver\n/)
  t.match(describeReport({ ...report, changes: [] }, false), /^Nothing to mend\.\n\nCHECK /)
})

t.test('only verdicts are coloured, and text from outside cannot steer the terminal', async (t) => {
  t.match(describeReport(report, true), '\x1b[31mfail\x1b[39m')
  const hostile: Check = { name: 'swap', verdict: 'fail', finding: '\x1b[2J', why: '\x07', remedy: ['\u202e'] }
  t.match(describeReport({ ...report, checks: [hostile] }, false), /^[\x20-\x7e\n]*$/)
})

const fails = (name: string, mends?: 'safe' | 'runtime'): Check => ({
  name,
  verdict: 'fail',
  finding: '',
  ...(mends && { mends })
})
const next: [what: string, report: Partial<PreflightReport>, configured: boolean, command: string][] = [
  ['all is well, and it is configured', { result: 'warn', checks: [] }, true, 'systemctl enable --now joinery-agent'],
  ['all is well, and it is not', { result: 'pass', checks: [] }, false, 'joinery-agent enrol --help'],
  [
    'something is safe to mend',
    { checks: [fails('a', 'runtime'), fails('swap', 'safe')] },
    true,
    'joinery-agent preflight --fix'
  ],
  [
    'only the runtime can be mended',
    { checks: [fails('a', 'runtime'), fails('b'), fails('c', 'runtime')] },
    true,
    'joinery-agent preflight --fix=a,c'
  ],
  ['a person must fix it', { checks: [fails('b')] }, true, 'joinery-agent preflight, after the remedies above'],
  [
    'mending did not help',
    { checks: [fails('swap', 'safe')], changes: [] },
    true,
    'joinery-agent preflight, after the remedies above'
  ]
]
for (const [what, part, configured, command] of next) {
  t.test(`if ${what}, the next command is ${command}`, async (t) => {
    t.equal(nextCommand({ ...report, ...part }, configured), command)
  })
}
