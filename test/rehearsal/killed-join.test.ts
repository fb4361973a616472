import { type Recovery, recover } from '@joinery/agent/testing/plan'
import { type Stage, stageLines } from '@joinery/fake-machine'
import { eventually } from '@joinery/testing/clocks/eventually'
import t, { type Test } from 'tap'
import { openRehearsal } from './open-rehearsal.ts'

const bootstrapConf = '/etc/kubernetes/bootstrap-kubelet.conf'
const authority = '/etc/kubernetes/pki/ca.crt'
const kubeletConf = '/etc/kubernetes/kubelet.conf'
const certificate = '/var/lib/kubelet/pki/kubelet-client-current.pem'
const instance = '/var/lib/kubelet/instance-config.yaml'
const configuration = ['/var/lib/kubelet/config.yaml', '/var/lib/kubelet/kubeadm-flags.env']
const all = [bootstrapConf, authority, instance, ...configuration, kubeletConf, certificate]

const credential = [bootstrapConf, authority]
const configured = [...credential, instance, ...configuration]
const started = [...configured, kubeletConf]
const identified = [authority, instance, ...configuration, kubeletConf, certificate]

/** Every set that a killed kubeadm leaves (kubeadm v1.37: cmd/phases/join/kubelet.go), and what becomes of it. */
const sets: [Stage, 'printed' | 'done', string[], Recovery['do']][] = [
  ['preflight', 'printed', [], 'close'],
  ['preflight', 'done', [], 'close'],
  ['configuration', 'printed', [], 'close'],
  ['configuration', 'done', credential, 'close'],
  ['instance-config', 'printed', credential, 'close'],
  ['instance-config', 'done', [...credential, instance], 'close'],
  ['kubelet-config', 'printed', [...credential, instance], 'close'],
  ['kubelet-config', 'done', configured, 'close'],
  ['kubelet-start', 'printed', configured, 'close'],
  ['kubelet-start', 'done', started, 'close'],
  ['kubelet-check', 'printed', started, 'close'],
  ['kubelet-healthy', 'printed', started, 'close'],
  ['bootstrap', 'printed', started, 'close'],
  ['bootstrap', 'done', identified, 'await-node'],
  ['joined', 'printed', identified, 'await-node']
]

const killedAt = async (t: Test, stage: Stage, when: 'printed' | 'done') => {
  const opened = await openRehearsal('worker-1')
  const { machine, cluster } = opened
  t.teardown(() => machine.powerOff())
  machine.killNextJoin(stage, when)
  await machine.joining.startJoin(await opened.credential(1))
  const state = await eventually('kubeadm is dead', async () => {
    // only a join that comes so far has its certificate
    if (stage === 'joined' || (stage === 'bootstrap' && when === 'done')) {
      for (const csr of await cluster.kubeletCsrs()) await cluster.approveCsr(csr)
    }
    const state = await machine.looking.joinState()
    return state.unit === 'failed' && state
  })
  return { ...opened, state }
}

/** The kubelet, once it was started, writes its own file in its own time. */
const leftOn = async ({ machine }: Awaited<ReturnType<typeof killedAt>>, expected: readonly string[]) => {
  const look = async () => {
    const there = await Promise.all(all.map((path) => machine.files.exists(path)))
    return all.filter((_, index) => there[index])
  }
  return eventually('the kubelet has written', async () => {
    const left = await look()
    return (left.includes(kubeletConf) || !expected.includes(kubeletConf)) && left
  })
}

for (const [stage, when, expected, recovery] of sets) {
  t.test(`kubeadm that is killed as ${stage} was ${when} leaves its files, and the plan is ${recovery}`, async (t) => {
    const killed = await killedAt(t, stage, when)
    t.same((await leftOn(killed, expected)).sort(), [...expected].sort())
    const attempt = { number: 1, nodeName: 'worker-1', bootId: '' }
    const { machine } = killed
    t.equal(recover({ attempt, sameBoot: true, join: await machine.looking.joinState() })?.do, recovery)

    // the same disk after a power cut
    await machine.reboot()
    const join = await machine.looking.joinState()
    t.equal(join.unit, 'absent')
    t.equal(recover({ attempt, sameBoot: false, join })?.do, recovery)
  })
}

t.test('every stage has a set of files', async (t) => {
  t.same([...new Set(sets.map(([stage]) => stage))], Object.keys(stageLines))
})

t.test('a kubelet.conf that a power cut left empty does not count as an identity', async (t) => {
  const { machine } = await killedAt(t, 'joined', 'printed')
  await machine.files.write(kubeletConf, '', 0o600)
  await machine.reboot()
  const join = await machine.looking.joinState()
  t.match(join, { kubeletConf: false, certificate: { serial: /./ } })
  const attempt = { number: 1, nodeName: 'worker-1', bootId: '' }
  t.equal(recover({ attempt, sameBoot: false, join })?.do, 'close')
})
