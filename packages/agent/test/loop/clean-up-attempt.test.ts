import { filesUnder } from '@joinery/host/files'
import t, { type Test } from 'tap'
import { type Attempt, type ControlPlaneJoin, type Journal, JournalFile } from '../../src/journal/journal.ts'
import { cleanUpAttempt } from '../../src/loop/clean-up-attempt.ts'
import type { NetworkTraces } from '../../src/network/network-traces.ts'
import { recorder } from '../support/recorder.ts'

const before: NetworkTraces = {
  cniFiles: ['theirs.conf'],
  links: ['eth0'],
  chains: false,
  ipvs: false,
  kubeProxyTable: false
}
const failed: Attempt = {
  number: 1,
  nodeName: 'worker-1',
  bootId: 'boot',
  before,
  failure: { class: 'machine', stage: '', output: [] },
  reported: true
}
const saved = '*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n'

/** A machine after `kubeadm reset`, with what it leaves; `broken` commands fail. */
const afterReset = async (t: Test, attempt: Attempt | undefined, broken = /^$/, journalled: Journal = {}) => {
  const files = filesUnder(
    t.testdir({
      etc: { cni: { 'net.d': { '10-flannel.conflist': '{}', 'theirs.conf': '{}' } } },
      sys: { class: { net: { eth0: {}, cni0: {}, 'flannel.1': {} } } },
      proc: { net: { ip_vs: 'TCP  0A600001:01BB rr\n' } }
    })
  )
  const journal = new JournalFile(files, '/var/lib/joinery-agent')
  await journal.write(attempt === undefined ? journalled : { attempt })
  const { commands, exec } = recorder((command) => {
    if (broken.test(command)) throw new Error('it does not work')
    if (command.endsWith('tables-save')) return saved
    return command === 'nft list tables' ? 'table ip kube-proxy\n' : ''
  })
  const changes = () => commands.filter((command) => !/-save$|list tables$/.test(command))
  const run = () => cleanUpAttempt(journal, files, exec)
  return { files, run, changes, left: () => files.list('/etc/cni/net.d') }
}

t.test('the agent removes what the join left in the network, and leaves what was there before', async (t) => {
  const { run, changes, left } = await afterReset(t, failed)
  t.same(await run(), [
    'removed /etc/cni/net.d/10-flannel.conflist',
    'removed the link cni0',
    'removed the link flannel.1',
    'removed the iptables chains of Kubernetes',
    'removed the ip6tables chains of Kubernetes',
    'removed the services of IPVS',
    'removed the table ip kube-proxy'
  ])
  t.same(changes(), [
    'ip link delete dev cni0',
    'ip link delete dev flannel.1',
    'iptables-restore --noflush',
    'ip6tables-restore --noflush',
    'ipvsadm --clear',
    'nft delete table ip kube-proxy'
  ])
  t.same(await left(), ['theirs.conf'])
  await t.resolves(run(), 'again, as after a power cut in the middle')
})

t.test('the agent reports what it cannot remove, and removes the rest', async (t) => {
  const { run } = await afterReset(t, failed, /^(ip link|ipvsadm)/)
  t.match(await run(), [
    'removed /etc/cni/net.d/10-flannel.conflist',
    'could not remove the link cni0: it does not work',
    'could not remove the link flannel.1: it does not work',
    'removed the iptables chains of Kubernetes',
    'removed the ip6tables chains of Kubernetes',
    'could not remove the services of IPVS: it does not work',
    'removed the table ip kube-proxy'
  ])
})

const { before: _, ...unseen } = failed
const { reported: __, ...unreported } = failed
const { failure: ___, ...open } = unreported
const refused: [string, Attempt | undefined][] = [
  ['this agent began no join', undefined],
  ['the attempt has not failed', open],
  ['the server does not know of the failure', unreported],
  ['an older agent began it and did not look before', unseen]
]
for (const [why, attempt] of refused) {
  t.test(`nothing is removed if ${why}`, async (t) => {
    const { run, changes, left } = await afterReset(t, attempt)
    t.same(await run(), [])
    t.same(changes(), [])
    t.equal((await left()).length, 2)
  })
}

const joined = { nodeName: 'worker-1', certificate: { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '01' }, before }
t.test('the agent removes the traces of an earlier join only if it takes that join back', async (t) => {
  const { run, left } = await afterReset(t, undefined, /^$/, { joined: { ...joined, resetting: true } })
  t.equal((await run()).length, 7)
  t.same(await left(), ['theirs.conf'])
  for (const journalled of [{ joined }, { accepted: true, joined }]) {
    const { run, changes } = await afterReset(t, undefined, /^$/, journalled)
    t.same(await run(), [], JSON.stringify(journalled))
    t.same(changes(), [], JSON.stringify(journalled))
  }
})

const controlPlane: ControlPlaneJoin = { address: '192.0.2.9', etcdHosts: ['192.0.2.1'], ownEtcdData: true }
const members: [string, Attempt, removed: boolean][] = [
  ['that is out of etcd', { ...failed, controlPlane, leftEtcd: true }, true],
  ['that may still be in etcd', { ...failed, controlPlane }, false],
  [
    'that had data of etcd before',
    { ...failed, controlPlane: { address: '192.0.2.9', etcdHosts: [] }, leftEtcd: true },
    false
  ],
  ['that put nothing on the machine', { ...failed, controlPlane, untouched: true }, false]
]
for (const [what, attempt, removed] of members) {
  t.test(`the data of etcd ${removed ? 'goes' : 'stays'} on a control plane ${what}`, async (t) => {
    const { files, run, changes } = await afterReset(t, attempt)
    await files.write('/var/lib/etcd/member/snap/db', '', 0o600)
    await run()
    t.equal(changes().includes('rm -rf -- /var/lib/etcd/member'), removed)
  })
}

t.test('nothing is removed on a copy of the disk', async (t) => {
  const { files, run, changes } = await afterReset(t, failed)
  await files.write('/etc/machine-id', 'another\n', 0o444)
  t.same(await run(), [])
  t.same(changes(), [])
})
