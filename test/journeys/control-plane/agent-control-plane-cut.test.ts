import type { Stage } from '@joinery/fake-machine'
import { RehearsalEtcd } from '@joinery/fake-machine'
import { readSealKey, seal } from '@joinery/protocol/seal'
import { type AgentMachine, openMachine } from '@joinery/testing/agents/agents'
import { insist } from '@joinery/testing/agents/insist'
import { approvePending, assertJoined, reaches, says } from '@joinery/testing/agents/outcomes'
import { rebootWhen } from '@joinery/testing/agents/reboot-when'
import { eventually } from '@joinery/testing/clocks/eventually'
import { keysOf } from '@joinery/testing/pairing/control-planes'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approveAfterFailure } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

const caKey = '/etc/kubernetes/pki/ca.key'
const sealKeyFile = '/var/lib/joinery-agent/seal-key.json'

const openControlPlane = async (t: Test, pairing: Pairing, name = 'cp-2') => {
  const etcd = new RehearsalEtcd()
  const open = await openMachine(t, pairing, name, { etcd })
  const { code } = await pairing.operator.createCode({ name, ttl: 1800, role: 'control-plane' })
  await open.putCode(code)
  return { open, etcd }
}

/** What root does on a control-plane host, as soon as the machine may be granted. */
const grant = (pairing: Pairing, name: string) =>
  insist(`${name} is granted`, async () => {
    const { id, key, sealKey = '' } = await pairing.operator.show(name)
    const sealed = await seal({ enrolment: id, files: await keysOf(pairing) }, await readSealKey(sealKey, key))
    return pairing.operator.grant(name, { key, sealKey, sealed })
  })

const assertControlPlane = async (
  t: Test,
  pairing: Pairing,
  { open, etcd }: { open: AgentMachine; etcd: RehearsalEtcd },
  attempts = 1
) => {
  await assertJoined(t, pairing, open, attempts)
  t.match(
    etcd.members.map(({ name, isLearner }) => ({ name, isLearner })),
    [
      { name: 'cp-1', isLearner: false },
      { name: open.name, isLearner: false }
    ]
  )
  t.equal(etcd.members.length, 2)
  t.notOk(await open.has(sealKeyFile))
  t.equal(await open.machine.files.read(caKey), (await keysOf(pairing))['ca.key'])
}

t.test('a control plane joins after an operator approved and root granted it', async (t) => {
  const pairing = await openPairing(t)
  const machine = await openControlPlane(t, pairing)
  const { open } = machine
  const agent = open.start()
  const { role, sealKey } = await approvePending(pairing, open)
  t.match({ role, sealKey }, { role: 'control-plane', sealKey: /^[^.]+[.][^.]+[.][^.]+$/ })
  await says(open, /^waiting for root on a control-plane host to run: joinery grant cp-2$/)
  t.equal((await pairing.operator.show('cp-2')).attempts.length, 0)
  await grant(pairing, 'cp-2')
  t.equal(await agent.ended, 'done')
  await assertControlPlane(t, pairing, machine)
})

t.test('a control plane joins with a client certificate in the same way', async (t) => {
  const pairing = await openPairing(t, { credential: 'certificate' })
  const machine = await openControlPlane(t, pairing)
  machine.open.start()
  await approvePending(pairing, machine.open)
  await grant(pairing, 'cp-2')
  await assertControlPlane(t, pairing, machine)
})

const cuts: [string, Stage, 'printed' | 'done'][] = [
  ['before its member was added', 'manifests', 'done'],
  ['when its member was added', 'etcd-announced', 'printed'],
  ['when its etcd runs', 'etcd-manifest', 'done']
]
for (const [when, stage, moment] of cuts) {
  t.test(`a control plane that is cut ${when} joins by another attempt of the same grant`, async (t) => {
    const pairing = await openPairing(t)
    const machine = await openControlPlane(t, pairing)
    approveAfterFailure(pairing, 'cp-2')
    machine.open.machine.killNextJoin(stage, moment)
    machine.open.start()
    await approvePending(pairing, machine.open)
    await grant(pairing, 'cp-2')
    await assertControlPlane(t, pairing, machine, 2)
  })
}

t.test('a control plane that loses power with a vote that etcd needs joins by another attempt', async (t) => {
  const pairing = await openPairing(t)
  const machine = await openControlPlane(t, pairing)
  const { open, etcd } = machine
  approveAfterFailure(pairing, 'cp-2')
  rebootWhen(open, ({ certificate }) => certificate === undefined && etcd.members.some(({ name }) => name === 'cp-2'))
  open.start()
  await approvePending(pairing, open)
  await grant(pairing, 'cp-2')
  await assertControlPlane(t, pairing, machine, 2)
})

t.test('if kubeadm ends between its certificate and its mark, the agent marks the Node', async (t) => {
  const pairing = await openPairing(t)
  const machine = await openControlPlane(t, pairing)
  machine.open.machine.killNextJoin('bootstrap', 'done')
  machine.open.start()
  await approvePending(pairing, machine.open)
  await grant(pairing, 'cp-2')
  await assertControlPlane(t, pairing, machine)
})

t.test('a control plane that is rejected while it joins leaves etcd and keeps no key', async (t) => {
  const pairing = await openPairing(t)
  const { open, etcd } = await openControlPlane(t, pairing)
  const rejected = Promise.withResolvers<void>()
  open.watch = async (moment) => {
    if (!moment.startsWith('follow:') || etcd.members.length === 1) return
    open.watch = () => {}
    await pairing.operator.reject('cp-2', { reason: 'not ours' })
    rejected.resolve()
  }
  const agent = open.start()
  await approvePending(pairing, open)
  await grant(pairing, 'cp-2')
  await rejected.promise
  await agent.ended
  t.equal(etcd.members.length, 1)
  for (const path of [caKey, sealKeyFile]) t.notOk(await open.has(path), path)
  await reaches(pairing, 'cp-2', 'rejected')
})

t.test('the keys of the cluster are in clear in no log, no answer and no store', async (t) => {
  const pairing = await openPairing(t)
  const machine = await openControlPlane(t, pairing)
  machine.open.start()
  await approvePending(pairing, machine.open)
  await grant(pairing, 'cp-2')
  await assertControlPlane(t, pairing, machine)
  const shown = JSON.stringify(await pairing.operator.show('cp-2'))
  const journal = JSON.stringify(await machine.open.journal())
  for (const text of [shown, journal, pairing.log, machine.open.said.join()])
    t.notMatch(text, /in clear:/, text.slice(0, 60))
  await eventually('the report is told', () => machine.open.said.some((line) => line === 'the node is Ready'))
})
