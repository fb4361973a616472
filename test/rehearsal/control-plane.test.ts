import type { Stage } from '@joinery/fake-machine'
import type { Moment } from '@joinery/testing/agents/agent-process'
import { playLives } from '@joinery/testing/agents/lives'
import { eventually } from '@joinery/testing/clocks/eventually'
import t from 'tap'
import { assertControlPlane, type ControlPlane, openControlPlane, openGranted } from './control-plane-machine.ts'

t.setTimeout(120_000)

const key = '/etc/kubernetes/pki/ca.key'
const fails = (open: ControlPlane) => eventually('an attempt failed', () => open.server.failed.at(-1))

t.test('a control plane pulls its images, waits for the grant, and joins with the keys of the cluster', async (t) => {
  const open = await openControlPlane(t)
  const { server, machine } = open
  const agent = open.start()
  await eventually('its seal key is known', () => server.observation?.sealKey !== undefined)
  server.change({ state: 'approved', message: 'approved' })
  await open.says(/^waiting for root on a control-plane host to run: joinery grant cp-2$/)
  t.equal(machine.images.pulled.length, 7, 'by then its images are there')
  t.equal(server.claims, 0)
  t.notOk(await open.has(key))
  server.change({ granted: true })
  t.equal(await agent.ended, 'done')
  await assertControlPlane(t, open)
})

t.test('a control plane with external etcd becomes no member, and pulls no etcd', async (t) => {
  const open = await openControlPlane(t, 'external')
  open.start()
  open.server.change({ state: 'approved' })
  await open.says(/joinery grant/)
  t.notOk(open.machine.images.pulled.some((image) => image.includes('etcd')))
})

t.test('the agent does not claim before the images are there', async (t) => {
  const open = await openGranted(t)
  open.machine.images.problem = 'registry is away'
  open.start()
  await open.says(
    /^the image registry\.k8s\.io\/kube-apiserver:v1\.37\.2 cannot be pulled: registry is away; .*next try in/
  )
  t.equal(open.server.claims, 0)
  open.machine.images.problem = undefined
  await assertControlPlane(t, open)
})

t.test('the agent waits for what the server says', async (t) => {
  const open = await openGranted(t)
  open.server.refuses = 'control-plane-busy'
  open.start()
  await open.says(/^waiting: another control plane is joining$/)
  open.server.refuses = 'not-granted'
  await open.says(/^waiting for root on a control-plane host to run: joinery grant cp-2$/)
  open.server.refuses = undefined
  await assertControlPlane(t, open)
})

/** Before the member is there, when it is, and when etcd runs. */
const cuts: [string, Stage, 'printed' | 'done'][] = [
  ['before its member was added', 'manifests', 'done'],
  ['when its member was added, and kubeadm had not said so', 'kubelet-start', 'done'],
  ['when its etcd runs', 'etcd-manifest', 'done']
]
/** Looks at the members of etcd whenever an attempt is reported as failed: soon after that the next one adds a member. */
const membersAtFailure = (open: ControlPlane): number[] => {
  const counted: number[] = []
  open.server.atFailure = () => void counted.push(open.etcd.members.length)
  return counted
}

for (const [when, stage, moment] of cuts) {
  t.test(`if kubeadm is killed ${when}, the next attempt makes a control plane with two members`, async (t) => {
    const open = await openGranted(t)
    open.unlucky = 1
    open.machine.killNextJoin(stage, moment)
    const members = membersAtFailure(open)
    open.start()
    const { class: whose } = await fails(open)
    t.equal(whose, 'transient')
    t.same(members, [1], 'none is left when it is reported')
    await assertControlPlane(t, open, 2)
  })

  t.test(`if the power is cut ${when}, the next attempt makes a control plane`, async (t) => {
    const open = await openGranted(t)
    let cut = false
    open.unlucky = 1
    open.machine.killNextJoin(stage, moment)
    open.clock.watch = async () => {
      if (cut || (await open.machine.looking.joinState()).unit !== 'failed') return
      cut = true
      await open.reboot()
    }
    open.watch = open.clock.watch
    const members = membersAtFailure(open)
    open.start()
    t.match((await fails(open)).cause, /a power cut or a reboot/)
    t.same(members, [1], 'none is left when it is reported')
    await assertControlPlane(t, open, 2)
  })
}

const moments: Moment[] = [
  'claim-and-join: before server.claim',
  'claim-and-join: after server.claim',
  'claim-and-join: before machine.startJoin',
  'claim-and-join: after machine.startJoin',
  'pull-images: before machine.pullImage',
  'close: after machine.closeJoin',
  'leave-etcd: before machine.leaveEtcd',
  'leave-etcd: after machine.leaveEtcd',
  'leave-etcd: after files.write /var/lib/joinery-agent/journal.json',
  'report-failed: after server.outcome',
  'reset: before machine.reset',
  'reset: after machine.reset',
  'finish: before files.remove /var/lib/joinery-agent/seal-key.json'
]

t.test('an agent that is killed in a failed attempt or a good one loses no member and no key', (t) =>
  playLives(
    t,
    moments,
    (moments) => `a control plane joins after its agent is killed in ${moments}`,
    async (t, left) => {
      const open = await openGranted(t)
      open.unlucky = 1
      open.machine.killNextJoin('etcd-manifest', 'done')
      open.watch = (seen, agent) => {
        if (!left.delete(seen)) return
        agent.kill()
        open.start()
      }
      open.start()
      await assertControlPlane(t, open, 2)
    }
  )
)

t.test('after a power cut between the keys and kubeadm the keys go, and come with the next attempt', async (t) => {
  const open = await openGranted(t)
  let cut = false
  let keysAfterReset: boolean | undefined
  open.watch = async (moment) => {
    if (cut && moment === 'reset: after machine.reset') keysAfterReset ??= await open.has(key)
    if (cut || !(await open.has(key)) || !moment.startsWith('claim-and-join:')) return
    cut = true
    await open.reboot()
  }
  open.start()
  await fails(open)
  await assertControlPlane(t, open, 2)
  t.equal(keysAfterReset, false, 'the keys went before the next attempt')
})

t.test('two agents on one machine make one control plane', async (t) => {
  const open = await openGranted(t)
  open.start()
  open.start()
  await assertControlPlane(t, open)
})

t.test('two agents make one control plane, also if the first attempt fails', async (t) => {
  const open = await openGranted(t)
  open.unlucky = 1
  open.machine.killNextJoin('etcd-announced', 'done')
  open.start()
  open.start()
  await assertControlPlane(t, open, 2)
})

t.test('keys for another enrolment, or of another cluster, fail the attempt, and none is placed', async (t) => {
  const open = await openGranted(t)
  open.server.wrong = { enrolment: 'another' }
  open.start()
  t.match(await fails(open), {
    class: 'cluster',
    cause: /cannot be opened: .*another enrolment/,
    remedy: [/joinery grant/]
  })
  open.server.wrong = { files: { 'ca.crt': 'another' } }
  t.match(await eventually('another one', () => open.server.failed[1]), {
    class: 'cluster',
    cause: /of another cluster/
  })
  t.notOk(await open.has(key))
  open.server.wrong = {}
  await assertControlPlane(t, open, 3)
})

t.test('a key that somebody else put there is neither overwritten nor removed', async (t) => {
  const open = await openGranted(t)
  open.watch = async (moment) => {
    if (moment === 'claim-and-join: before server.claim') await open.machine.files.write(key, 'theirs', 0o600)
  }
  open.start()
  t.match(await fails(open), { class: 'machine', cause: /other keys lie on this machine: .*pki\/ca\.key/ })
  open.watch = () => {}
  await eventually('it is journalled', async () => (await open.journal()).failures?.length === 1)
  t.equal(await open.machine.files.read(key), 'theirs')
})

t.test('a member that etcd needs stays with its data until etcd is well', async (t) => {
  const open = await openGranted(t)
  const { etcd, machine } = open
  const third = '172.30.0.3'
  etcd.addLearner(third)
  etcd.start(third, 'cp-3')
  open.unlucky = 1
  machine.killNextJoin('etcd-manifest', 'done')
  open.watch = (moment) => {
    if (moment === 'close: before machine.closeJoin') etcd.stop(third)
  }
  open.start()
  await open.says(/^this machine stays a member of etcd: of the other 2 voting members of etcd, 1 are healthy/)
  t.equal(etcd.members.length, 3)
  t.ok(await open.has('/var/lib/etcd/member/snap/db'))
  t.same(open.server.failed, [])
  etcd.start(third, 'cp-3')
  await fails(open)
  t.notOk(etcd.members.some(({ name }) => name === 'cp-2'))
})

t.test('a control plane that is rejected while it joins leaves etcd, and keeps no key', async (t) => {
  const open = await openGranted(t)
  let rejected = false
  open.watch = (moment) => {
    if (rejected || !moment.startsWith('follow:') || open.etcd.members.length === 1) return
    rejected = true
    open.server.change({ state: 'rejected', message: 'not ours' })
  }
  const agent = open.start()
  t.equal(await agent.ended, 'done')
  t.equal(open.etcd.members.length, 1)
  for (const path of [key, '/var/lib/joinery-agent/seal-key.json', '/etc/kubernetes/manifests/etcd.yaml']) {
    t.notOk(await open.has(path), path)
  }
})
