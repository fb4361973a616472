import { kubernetesPrograms, programs } from '../../../../src/machine/preflight/runtime/programs.ts'
import { root } from '../../../../src/machine/preflight/system/root.ts'
import { table } from '../../../support/check-table.ts'

table(root, [
  { name: 'root', machine: {}, verdict: 'pass', finding: /root/ },
  { name: 'somebody else', machine: { uid: 1000 }, verdict: 'fail', finding: /the user 1000/, remedy: /^sudo / }
])

const without = (...missing: string[]) => ({
  files: Object.fromEntries(
    kubernetesPrograms.filter((name) => !missing.includes(name)).map((name) => [`/usr/sbin/${name}`, ''])
  ),
  programs: { kubeadm: 'v1.37.2' }
})

table(programs, [
  { name: 'all', machine: without(), verdict: 'pass', finding: /is there$/ },
  {
    name: 'in several folders',
    machine: { files: { ...without('mount').files, '/usr/bin/mount': '' } },
    verdict: 'pass',
    finding: /is there$/
  },
  {
    name: 'a minimal Debian',
    machine: without('ebtables', 'ethtool', 'socat', 'tc', 'ip'),
    verdict: 'warn',
    finding: /^not installed: ip, ebtables, ethtool, socat, tc$/,
    remedy: /^apt-get install -y iproute2 ebtables ethtool socat$/
  },
  {
    name: 'what a kubelet of 1.38 looks its account up with',
    machine: without('getent'),
    verdict: 'warn',
    finding: /^not installed: getent$/,
    remedy: /^apt-get install -y libc-bin$/
  },
  {
    name: 'what kubeadm refuses to join without',
    machine: without('losetup'),
    verdict: 'fail',
    finding: /losetup/,
    remedy: /^apt-get install -y mount$/
  },
  {
    name: 'what an older kubeadm refused to join without',
    machine: { ...without('iptables'), programs: { kubeadm: 'v1.33.6' } },
    verdict: 'fail',
    finding: /iptables/,
    remedy: /^apt-get install -y iptables$/
  },
  {
    name: 'and a newer one does not',
    machine: without('iptables'),
    verdict: 'warn',
    finding: /iptables/,
    remedy: /^apt-get install -y iptables$/
  }
])
