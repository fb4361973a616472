import { portsFree } from '../../../../src/machine/preflight/network/ports-free.ts'
import { earlierJoin } from '../../../../src/machine/preflight/runtime/earlier-join.ts'
import { leftovers } from '../../../../src/machine/preflight/runtime/leftovers.ts'
import { table } from '../../../support/check-table.ts'

const sockets = 'LISTEN 0 4096 *:10250 *:* users:(("kubelet",pid=812,fd=20))\n'
table(portsFree({ role: 'worker' }), [
  { name: 'free', machine: {}, verdict: 'pass', finding: /^TCP ports 10250, 10248, 10256 are free$/ },
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
    remedy: /^ss -ltnp 'sport = :10250 or sport = :10248'\n# stop the program that listens there$/
  },
  {
    name: 'that of kube-proxy, which starts all the same',
    machine: { taken: [10256] },
    verdict: 'warn',
    finding: /^TCP port 10256 is taken$/,
    remedy: /:10256/
  }
])

const member = { files: { '/etc/kubernetes/kubelet.conf': '', '/etc/kubernetes/pki/ca.crt': '' } }
table(earlierJoin(), [
  { name: 'a fresh machine', machine: {}, verdict: 'pass', finding: /^no traces of an earlier join$/ },
  {
    name: 'a member of some cluster',
    machine: member,
    verdict: 'fail',
    finding: /kubelet\.conf, \/etc\/kubernetes\/pki\/ca\.crt$/,
    remedy: /^kubeadm reset$/,
    byHand: true
  }
])
table(
  earlierJoin(true),
  [
    {
      name: 'what this agent left',
      machine: member,
      verdict: 'fail',
      finding: /^left by an earlier join of this agent: .*kubelet\.conf/,
      remedy: /^kubeadm reset$/
    }
  ],
  'earlier-join of this agent'
)

const link = (name: string) => ({ [`/sys/class/net/${name}/address`]: '' })
const mangle = '*mangle\n:PREROUTING ACCEPT [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n'
const ipvs =
  'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port\n'

table(leftovers, [
  { name: 'a fresh machine', machine: {}, verdict: 'pass', finding: /^nothing of an earlier cluster$/ },
  {
    name: 'folders that packages bring, interfaces and rules of others',
    machine: {
      files: {
        '/etc/cni/net.d/.kubernetes-cni-keep': '',
        '/proc/modules':
          'nf_tables 380928 1 nft_compat, Live 0x0\nnft_compat 20480 0 - Live 0x0\nip_vs 1 0 - Live 0x0\n',
        '/proc/net/ip_vs': ipvs,
        ...link('lo'),
        ...link('eth0'),
        ...link('docker0'),
        ...link('lxcbr0'),
        ...link('tunl0'),
        ...link('flannel.;reboot')
      },
      commands: {
        'iptables-save': '*mangle\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n',
        'nft list tables': 'table inet filter\ntable ip nat\n'
      }
    },
    verdict: 'pass',
    finding: /nothing/
  },
  {
    name: 'what kubeadm reset leaves',
    machine: {
      files: {
        '/etc/cni/net.d/10-flannel.conflist': '',
        '/proc/modules': 'nf_tables 380928 4 - Live 0x0\n',
        ...link('eth0'),
        ...link('cni0'),
        ...link('flannel.1')
      },
      commands: { 'iptables-save': mangle }
    },
    verdict: 'warn',
    finding:
      /: a network plugin in \/etc\/cni\/net\.d \(10-flannel\.conflist\); network interfaces \(cni0, flannel\.1\); iptables chains KUBE-\*$/,
    remedy:
      /^rm -rf \/etc\/cni\/net\.d\/\*\nfor link in cni0 flannel\.1; do .*\niptables-save \| grep -v KUBE- \| iptables-restore$/
  },
  {
    name: 'a control plane that was taken apart by hand',
    machine: {
      files: {
        '/etc/kubernetes/manifests/etcd.yaml': '',
        '/etc/kubernetes/pki/ca.key': '',
        '/etc/kubernetes/pki/sa.key': '',
        '/etc/kubernetes/pki/sa.pub': '',
        '/etc/kubernetes/pki/front-proxy-ca.key': '',
        '/var/lib/etcd/member/wal/0.wal': ''
      }
    },
    verdict: 'warn',
    finding:
      /certificates in \/etc\/kubernetes\/pki \(ca\.key, sa\.key, sa\.pub and 1 more\); etcd data in .* \(member\)$/,
    remedy: /^rm -rf \/etc\/kubernetes\/manifests\/\* \/etc\/kubernetes\/pki\/\* \/var\/lib\/etcd\/\*$/
  },
  {
    name: 'kube-proxy’s other modes',
    machine: {
      files: {
        '/proc/modules': 'nf_tables 380928 1 - Live 0x0\n',
        '/proc/net/ip_vs': `${ipvs}TCP  0A600001:01BB rr\n`,
        ...link('kube-ipvs0')
      },
      commands: { 'nft list tables': 'table ip kube-proxy\ntable ip6 kube-proxy\n' }
    },
    verdict: 'warn',
    finding: /interfaces \(kube-ipvs0\); the nftables table kube-proxy; IPVS services$/,
    remedy: /nft delete table .*\nipvsadm --clear$/
  },
  {
    name: 'Calico and Cilium',
    machine: {
      files: { ...link('cali0123456789a'), ...link('vxlan.calico'), ...link('cilium_host'), ...link('lxc_health') }
    },
    verdict: 'warn',
    finding: /\(cali0123456789a, vxlan\.calico, cilium_host and 1 more\)$/,
    remedy: /ip link delete/
  },
  {
    name: 'a machine that is a member: nobody is told to take it apart',
    machine: {
      files: { '/etc/kubernetes/kubelet.conf': '', '/etc/cni/net.d/10-flannel.conflist': '', ...link('cni0') }
    },
    verdict: 'skipped',
    finding: /see earlier-join$/
  },
  {
    name: 'filters that do not answer',
    machine: { files: { '/proc/modules': 'nf_tables 1 1 - Live 0x0\nip_tables 1 1 - Live 0x0\n' } },
    verdict: 'pass',
    finding: /nothing/
  }
])
