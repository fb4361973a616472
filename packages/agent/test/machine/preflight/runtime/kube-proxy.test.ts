import { kubeProxy } from '../../../../src/machine/preflight/runtime/kube-proxy.ts'
import { table } from '../../../support/check-table.ts'

const kernel = (release: string, files: Record<string, string> = {}) => ({
  '/proc/sys/kernel/osrelease': `${release}\n`,
  ...files
})
const nft = (version: string) => ({ 'nft --version': `nftables v${version} (Lester Gooch #5)\n` })

table(
  kubeProxy(undefined),
  [{ name: 'any', machine: {}, verdict: 'skipped', finding: /not asked yet/ }],
  'kube-proxy before the cluster is known'
)
table(
  kubeProxy({}),
  [{ name: 'any', machine: {}, verdict: 'skipped', finding: /knows no kube-proxy/ }],
  'kube-proxy of a cluster without it'
)
table(
  kubeProxy({ kubeProxyMode: 'iptables' }),
  [
    {
      name: 'an old kernel without nft and IPVS',
      machine: { files: kernel('5.4.0') },
      verdict: 'pass',
      finding: /iptables/
    }
  ],
  'kube-proxy with iptables'
)

table(
  kubeProxy({ kubeProxyMode: 'nftables' }),
  [
    {
      name: 'a kernel and an nft of today',
      machine: { files: kernel('6.12.48+deb13-amd64'), commands: nft('1.1.3') },
      verdict: 'pass',
      finding: /^kube-proxy uses nftables: the kernel 6\.12\.48\+deb13-amd64 and nft 1\.1\.3 have it$/
    },
    {
      name: 'the oldest of both',
      machine: { files: kernel('5.13.0-1-generic'), commands: nft('1.0.1') },
      verdict: 'pass',
      finding: /nft 1\.0\.1/
    },
    {
      name: 'a kernel that is too old',
      machine: { files: kernel('5.10.0-30-amd64'), commands: nft('1.0.6') },
      verdict: 'fail',
      finding: /refuses the kernel 5\.10\.0-30-amd64: it wants 5\.13 or later$/,
      remedy: /^# boot a kernel of 5\.13/
    },
    {
      name: 'an older major version',
      machine: { files: kernel('4.18.0-553.el8'), commands: nft('1.0.4') },
      verdict: 'fail',
      finding: /refuses the kernel 4\.18/,
      remedy: /5\.13/
    },
    {
      name: 'no nft',
      machine: { files: kernel('6.1.0') },
      verdict: 'warn',
      finding: /nft is not installed/,
      remedy: /nftables$/
    },
    {
      name: 'an nft that crashes on its rules',
      machine: { files: kernel('5.15.0'), commands: nft('1.0.0') },
      verdict: 'warn',
      finding: /nft 1\.0\.0 crashes on its rules$/,
      remedy: /nft 1\.0\.1 or later/
    },
    {
      name: 'one that is older still',
      machine: { files: kernel('5.15.0'), commands: nft('0.9.8') },
      verdict: 'warn',
      finding: /nft 0\.9\.8 crashes/,
      remedy: /nft 1\.0\.1 or later/
    }
  ],
  'kube-proxy with nftables'
)

const folder = '/lib/modules/6.12.48/'
const dep = (...names: string[]) =>
  names.map((name) => `kernel/net/${name}.ko.xz: kernel/lib/libcrc32c.ko.xz\n`).join('')

table(
  kubeProxy({ kubeProxyMode: 'ipvs' }),
  [
    {
      name: 'modules on the disk, and one that is built in',
      machine: {
        files: kernel('6.12.48', {
          [`${folder}modules.dep`]: dep('ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh'),
          [`${folder}modules.builtin`]: 'kernel/net/netfilter/nf_conntrack.ko\n'
        })
      },
      verdict: 'pass',
      finding: /IPVS: the kernel 6\.12\.48 has its modules$/
    },
    {
      name: 'modules that are loaded',
      machine: {
        files: kernel('6.12.48', {
          '/proc/modules': ['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh', 'nf_conntrack']
            .map((name) => `${name} 196608 0 - Live 0x0\n`)
            .join('')
        })
      },
      verdict: 'pass',
      finding: /has its modules/
    },
    {
      name: 'none of one scheduler, though others begin with its name',
      machine: {
        files: kernel('6.12.48', { [`${folder}modules.dep`]: dep('ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh', 'nf_conntrack') })
      },
      verdict: 'fail',
      finding: /^kube-proxy uses IPVS, and the kernel 6\.12\.48 has no module ip_vs$/,
      remedy: /modules of IPVS/
    },
    {
      name: 'nothing',
      machine: { files: kernel('6.12.48') },
      verdict: 'fail',
      finding: /no module ip_vs, ip_vs_rr, ip_vs_wrr, ip_vs_sh, nf_conntrack$/,
      remedy: /modules of IPVS/
    }
  ],
  'kube-proxy with IPVS'
)
