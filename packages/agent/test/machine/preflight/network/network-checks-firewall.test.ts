import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '@joinery/host/exec'
import t from 'tap'
import type { PreflightInput } from '../../../../src/machine/preflight/check/preflight-input.ts'
import { firewalls } from '../../../../src/machine/preflight/firewall/firewalls.ts'
import { firewall } from '../../../../src/machine/preflight/network/firewall.ts'
import { reachability } from '../../../../src/machine/preflight/reach/reachability.ts'
import { table } from '../../../support/check-table.ts'
import { type Table, tableHost } from '../../../support/table-host.ts'

// what nft 1.0.6, ufw 0.36.2 (by iptables-save 1.8.9) and firewalld 1.3.3 printed, in a network namespace of their own
const printed = (file: string): string => readFileSync(join(import.meta.dirname, 'firewalls', file), 'utf8')

const input = (more: Partial<PreflightInput> = {}): PreflightInput => ({ role: 'worker', ignore: [], ...more })
const reached = (reach: 'open' | 'refused' | 'no-answer' | 'behind-nat', address = '172.30.0.11') =>
  input({ reachability: { address, ports: [{ port: 10250, reach }] } })

const nft = (name: string, more: Record<string, string | number> = {}): Table => ({
  commands: { 'nft --json list ruleset': printed(`${name}.json`), ...more }
})

table(
  firewall(input()),
  [
    { name: 'no tool is installed', machine: {}, verdict: 'pass', finding: /^no firewall is in use$/ },
    {
      name: 'nothing is in the ruleset',
      machine: {
        commands: {
          'nft --json list ruleset': '{"nftables": [{"metainfo": {"version": "1.0.6"}}]}\n',
          'iptables-save': ''
        }
      },
      verdict: 'pass',
      finding: /^no firewall is in use$/
    },
    {
      name: 'only ssh: what is for UDP, or from the machine itself, does not help',
      machine: nft('only-ssh'),
      verdict: 'fail',
      finding: /^traffic to TCP port 10250 is blocked by nftables \(chain inet filter input\)$/,
      remedy:
        /^nft insert rule inet filter input tcp dport 10250 accept\n# write the same rule into \/etc\/nftables\.conf/
    },
    {
      name: 'a named set by a verdict map and a chain',
      machine: nft('kubelet-too'),
      verdict: 'pass',
      finding: /^traffic to TCP port 10250 gets through nftables$/
    },
    {
      name: 'from one network: who knows whether the control plane is there',
      machine: nft('from-one-network'),
      verdict: 'warn',
      finding:
        /^the check cannot tell whether traffic to TCP port 10250 gets through nftables \(chain inet filter input\)$/,
      remedy: /^nft insert rule inet filter input/
    },
    {
      name: 'a last rule that rejects, in a table of any name',
      machine: nft('rejects-the-rest'),
      verdict: 'fail',
      finding: /is blocked by nftables \(chain ip guard wall\)$/,
      remedy: /^nft insert rule ip guard wall tcp dport 10250 accept/
    },
    {
      name: 'rules that never keep out another machine’s TCP',
      machine: nft('limits-only'),
      verdict: 'pass',
      finding: / gets through nftables$/
    },
    {
      name: 'over one link only',
      machine: nft('per-link'),
      verdict: 'warn',
      finding: /the check cannot tell whether/,
      remedy: /^nft insert rule/
    },
    {
      name: 'one table accepts, and another one drops all the same',
      machine: nft('two-tables'),
      verdict: 'fail',
      finding: /is blocked by nftables \(chain inet second input\)$/,
      remedy: /^nft insert rule inet second input/
    },
    {
      name: 'nft fails',
      machine: { commands: { 'nft --json list ruleset': 1 } },
      verdict: 'warn',
      finding: /nftables \(nft --json list ruleset fails\)/,
      remedy: /^nft list ruleset$/
    },
    {
      name: 'a ruleset that cannot be read',
      machine: { commands: { 'nft --json list ruleset': 'Error: JSON support not compiled-in' } },
      verdict: 'warn',
      finding: /its ruleset cannot be read/,
      remedy: /^nft list ruleset$/
    }
  ],
  'firewall: nftables'
)

const ufw = (rules = ''): Table => ({
  files: { '/etc/ufw/ufw.conf': '# x\nENABLED=yes\nLOGLEVEL=low\n' },
  commands: { 'iptables-save': printed('ufw.rules').replace('-A ufw-user-input ', `${rules}$&`) }
})
const iptables = (policy: string, ...rules: string[]): Table => ({
  commands: {
    'iptables-save': [
      '*filter',
      `:INPUT ${policy} [0:0]`,
      ':KUBE-FIREWALL - [0:0]',
      ':lan - [0:0]',
      ...rules,
      'COMMIT',
      ''
    ].join('\n')
  }
})

table(
  firewall(input()),
  [
    {
      name: 'ufw, where ssh alone was allowed',
      machine: ufw(),
      verdict: 'fail',
      finding: /^traffic to TCP port 10250 is blocked by ufw \(chain INPUT of table filter\)$/,
      remedy: /^ufw allow 10250\/tcp$/
    },
    {
      name: 'ufw allow 10250/tcp',
      machine: ufw('-A ufw-user-input -p tcp -m tcp --dport 10250 -j ACCEPT\n'),
      verdict: 'pass',
      finding: /^traffic to TCP port 10250 gets through ufw$/
    },
    {
      name: 'ufw allow from 10.0.0.0/8',
      machine: ufw('-A ufw-user-input -s 10.0.0.0/8 -j ACCEPT\n'),
      verdict: 'warn',
      finding: /the check cannot tell whether/,
      remedy: /^ufw allow 10250\/tcp$/
    },
    {
      name: 'plain rules that keep out the rest',
      machine: iptables(
        'ACCEPT',
        '-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT',
        '-A INPUT -j REJECT --reject-with icmp-host-prohibited'
      ),
      verdict: 'fail',
      finding: /is blocked by iptables \(chain INPUT of table filter\)$/,
      remedy: /^iptables -I INPUT -p tcp --dport 10250 -j ACCEPT\nnetfilter-persistent save$/
    },
    {
      name: 'a range of ports, for new connections',
      machine: iptables(
        'DROP',
        '-A INPUT -p tcp -m multiport --dports 22,10000:11000 -m conntrack --ctstate NEW -j ACCEPT'
      ),
      verdict: 'pass',
      finding: / gets through iptables$/
    },
    {
      name: 'what the kubelet itself makes keeps nobody out',
      machine: iptables(
        'ACCEPT',
        '-A INPUT -j KUBE-FIREWALL',
        '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP'
      ),
      verdict: 'pass',
      finding: / gets through iptables$/
    },
    {
      name: 'a chain that is left again, and one that is not come back from',
      machine: iptables(
        'DROP',
        '-A INPUT -p udp -j DROP',
        '-A INPUT -g lan',
        '-A INPUT -j ACCEPT',
        '-A lan -p tcp -m tcp --dport 22 -j ACCEPT'
      ),
      verdict: 'fail',
      finding: /is blocked by/,
      remedy: /iptables -I/
    },
    {
      name: 'odd packets alone are dropped',
      machine: iptables(
        'ACCEPT',
        '-A INPUT -m conntrack --ctstate INVALID -j DROP',
        '-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE -j DROP',
        '-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j DROP'
      ),
      verdict: 'pass',
      finding: / gets through iptables$/
    },
    {
      name: 'a list of addresses that are kept out',
      machine: iptables('ACCEPT', '-A INPUT -m set --match-set banned src -j DROP'),
      verdict: 'warn',
      finding: /the check cannot tell whether/,
      remedy: /iptables -I/
    },
    {
      name: 'a target that is not known',
      machine: iptables('DROP', '-A INPUT -j NFQUEUE --queue-num 0'),
      verdict: 'warn',
      finding: /the check cannot tell whether/,
      remedy: /iptables -I/
    },
    {
      name: 'chains that call each other without end',
      machine: iptables('DROP', '-A INPUT -j lan', '-A lan -j lan'),
      verdict: 'fail',
      finding: /is blocked by/,
      remedy: /iptables -I/
    },
    {
      name: 'a filter that is not loaded is not asked, as that would load it',
      machine: {
        ...iptables('DROP'),
        files: { '/proc/modules': 'br_netfilter 32768 0 - Live 0x0\n' }
      },
      verdict: 'pass',
      finding: /^no firewall is in use$/
    },
    {
      name: 'iptables over nftables is judged once, by what iptables says',
      machine: {
        commands: {
          'iptables-save': `# Generated by iptables-save v1.8.9 (nf_tables)\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m multiport --dports 10250 -j ACCEPT\nCOMMIT\n`,
          'nft --json list ruleset': JSON.stringify({
            nftables: [
              { chain: { family: 'ip', table: 'filter', name: 'INPUT', hook: 'input', policy: 'drop' } },
              {
                rule: {
                  family: 'ip',
                  table: 'filter',
                  chain: 'INPUT',
                  expr: [{ xt: { type: 'match', name: 'multiport' } }, { accept: null }]
                }
              }
            ]
          })
        }
      },
      verdict: 'pass',
      finding: / gets through iptables$/
    }
  ],
  'firewall: iptables and ufw'
)

const kubeletService = '<service>\n  <port protocol="tcp" port="10250"/>\n</service>\n'
const firewalld = (
  change: (zones: string) => string = (zones) => zones,
  files: Record<string, string> = {}
): Table => ({
  files,
  commands: {
    'firewall-cmd --list-all-zones': change(printed('firewalld-zones.txt')),
    'firewall-cmd --get-default-zone': 'public\n',
    'nft --json list ruleset': JSON.stringify({
      nftables: [{ chain: { family: 'inet', table: 'firewalld', name: 'filter_INPUT', hook: 'input', policy: 'drop' } }]
    })
  }
})
const inPublic = (from: string, to: string) => (zones: string) => {
  const [before, after = ''] = zones.split('\npublic (active)')
  return `${before}\npublic (active)${after.replace(from, to)}`
}

table(
  firewall(input()),
  [
    {
      name: 'firewalld as it comes, and nothing said twice of its own table',
      machine: firewalld(),
      verdict: 'fail',
      finding: /^traffic to TCP port 10250 is blocked by firewalld \(zone public\)$/,
      remedy: /^firewall-cmd --permanent --zone=public --add-port=10250\/tcp\nfirewall-cmd --reload$/
    },
    {
      name: 'the port is open',
      machine: firewalld(inPublic('  ports: ', '  ports: 8080/udp 10200-10300/tcp')),
      verdict: 'pass',
      finding: / gets through firewalld$/
    },
    {
      name: 'a service that includes the one of the kubelet',
      machine: firewalld(inPublic('services: ', 'services: kube-worker '), {
        '/usr/lib/firewalld/services/kube-worker.xml': '<service>\n  <include service="kubelet" />\n</service>\n',
        '/usr/lib/firewalld/services/kubelet.xml': kubeletService
      }),
      verdict: 'pass',
      finding: / gets through firewalld$/
    },
    {
      name: 'a service of that name that the administrator changed',
      machine: firewalld(inPublic('services: ', 'services: kubelet '), {
        '/usr/lib/firewalld/services/kubelet.xml': kubeletService,
        '/etc/firewalld/services/kubelet.xml': '<service><port protocol="tcp" port="10259"/></service>'
      }),
      verdict: 'fail',
      finding: /is blocked by/,
      remedy: /firewall-cmd/
    },
    {
      name: 'a zone that trusts all',
      machine: firewalld(inPublic('target: default', 'target: ACCEPT')),
      verdict: 'pass',
      finding: / gets through firewalld$/
    },
    {
      name: 'a rich rule, which is not read',
      machine: firewalld(
        inPublic(
          'rich rules: ',
          'rich rules: \n\trule family="ipv4" source address="10.0.0.0/8" port port="10250" protocol="tcp" accept'
        )
      ),
      verdict: 'warn',
      finding: /^the check cannot tell whether .* gets through firewalld \(zone public\)$/,
      remedy: /firewall-cmd/
    },
    {
      name: 'no zone has a link: the default one has them',
      machine: firewalld((zones) => zones.replace('public (active)', 'public')),
      verdict: 'fail',
      finding: /zone public/,
      remedy: /--zone=public/
    },
    {
      name: 'installed, and does not run',
      machine: { commands: { 'firewall-cmd --list-all-zones': 252 } },
      verdict: 'pass',
      finding: /^no firewall is in use$/
    }
  ],
  'firewall: firewalld'
)

table(
  firewall(reached('open')),
  [
    {
      name: 'whatever the rules seem to say',
      machine: nft('only-ssh'),
      verdict: 'pass',
      finding: /^the pairing server comes through nftables$/
    }
  ],
  'firewall that the pairing server came through'
)

t.test('a kernel without packet filters has no firewall', async (t) => {
  const exec = async (argv: readonly string[]) => {
    throw new CommandError(argv, 1, 'netlink: Error: cache initialization failed: Protocol not supported')
  }
  t.same(await firewalls({ ...tableHost({}), exec }, { family: 'ipv4', port: 10250 }), [])
})

t.test('other tables count for IPv6', async (t) => {
  const ipv6 = { family: 'ipv6', port: 10250 } as const
  t.same(await firewalls(tableHost(nft('rejects-the-rest')), ipv6), [], 'a table of IPv4')
  const [limits] = await firewalls(tableHost(nft('limits-only')), ipv6)
  t.match(limits, { kind: 'nftables', fate: 'drop' })
  const saved = iptables('DROP').commands?.['iptables-save'] ?? ''
  const [closed] = await firewalls(tableHost({ commands: { 'ip6tables-save': saved } }), ipv6)
  t.match(closed, { kind: 'iptables', fate: 'drop', open: ['ip6tables -I INPUT -p tcp --dport 10250 -j ACCEPT', /^/] })
})

const verdicts: [reach: 'open' | 'refused' | 'no-answer' | 'behind-nat', machine: Table, string, RegExp, RegExp?][] = [
  ['open', {}, 'pass', /^the pairing server reaches TCP port 10250 of 172\.30\.0\.11$/],
  [
    'behind-nat',
    {},
    'warn',
    /NAT\): it is not known whether the control plane reaches this machine$/,
    /^# allow TCP port 10250/
  ],
  [
    'refused',
    {},
    'fail',
    /^TCP port 10250 of 172\.30\.0\.11 refuses the pairing server$/,
    /^# allow TCP port 10250 from the control plane to 172\.30\.0\.11$/
  ],
  ['no-answer', {}, 'fail', /gets no answer from TCP port 10250/, /^# allow TCP port 10250 from the control plane/],
  [
    'no-answer',
    nft('only-ssh'),
    'fail',
    /gets no answer/,
    /^nft insert rule inet filter input tcp dport 10250 accept\n/
  ],
  ['no-answer', nft('kubelet-too'), 'fail', /gets no answer/, /^# allow TCP port 10250 from the control plane/]
]
for (const [index, [reach, machine, verdict, finding, remedy]] of verdicts.entries()) {
  table(
    reachability(reached(reach)),
    [{ name: reach, machine, verdict: verdict as 'pass', finding, ...(remedy && { remedy }) }],
    `reachability ${index + 1}: ${reach}`
  )
}
