import type { JoinState } from '@joinery/agent/testing/machine'
import { type AgentMachine, openMachine, openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'

const folders = [
  '/etc/kubernetes',
  '/etc/kubernetes/pki',
  '/var/lib/kubelet',
  '/var/lib/kubelet/pki',
  '/var/lib/joinery-agent'
]

/** What agent, kubeadm and kubelet have on the disk. */
const diskOf = async ({ machine: { files } }: AgentMachine): Promise<Map<string, string>> => {
  const disk = new Map<string, string>()
  for (const folder of folders) {
    for (const name of await files.list(folder)) {
      const text = await files.read(`${folder}/${name}`)
      if (text !== undefined) disk.set(`${folder}/${name}`, text)
    }
  }
  return disk
}

/** Copies the disk as soon as the join is like that; the machine goes on. */
const copyWhen = (open: AgentMachine, is: (state: JoinState) => boolean): Promise<Map<string, string>> => {
  const { promise, resolve } = Promise.withResolvers<Map<string, string>>()
  const look = async () => {
    if (is(await open.machine.looking.joinState())) resolve(await diskOf(open))
  }
  open.machineClock.watch = look
  open.watch = look
  return promise
}

/** Another machine with this disk, booted. */
const bootCopy = async (t: Test, pairing: Pairing, disk: Map<string, string>): Promise<AgentMachine> => {
  const copy = await openMachine(t, pairing, 'copy')
  for (const [path, text] of disk) await copy.machine.files.write(path, text, 0o600)
  await copy.reboot()
  return copy
}

/** It has no part in what the original began, and waits for somebody who knows. */
const assertStranger = async (t: Test, pairing: Pairing, copy: AgentMachine, original: string): Promise<void> => {
  await says(copy, /^no enrolment: put a code into \/etc\/joinery\/code/)
  await copy.putCode()
  const { key, preflight } = await approvePending(pairing, copy)
  t.not(key, (await pairing.operator.show(original)).key)
  t.match(
    preflight.filter(({ name }) => name === 'earlier-join'),
    [{ verdict: 'fail', finding: /belongs, or belonged, to a cluster/, remedy: ['kubeadm reset'] }]
  )
  await says(copy, /^approved, waits until preflight passes: .*earlier-join/)
  const others = ['finish', 'follow', 'await-node', 'close', 'report-failed', 'reset', 'claim-and-join']
  t.same(
    copy.steps.filter((step) => others.includes(step)),
    []
  )
}

t.test('a copy of a joined machine is another machine, and takes the Node away from the original', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  const copy = await bootCopy(t, pairing, await diskOf(open))
  await assertStranger(t, pairing, copy, 'worker-1')
  t.ok(await copy.has('/etc/kubernetes/kubelet.conf'))

  // its kubelet has the certificate, and takes the Node over: nobody can tell which of the two is the thief
  await eventually('the Node is gone', async () => (await pairing.cluster.nodes()).length === 0)
  const { state, message, timeline } = await eventually('the enrolment says so', async () => {
    const seen = await pairing.operator.show('worker-1')
    return seen.node?.condition === 'Gone' && seen
  })
  t.equal(state, 'ready')
  t.match(message, /^ready, but Node worker-1 has machine id .*; its name is banned/)
  t.equal(timeline.filter(({ alert }) => alert).length, 1)
})

t.test('the copy of a machine that waits for its Node does not wait for it', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing, 'worker-1', { networkPlugin: false })
  open.start()
  await approvePending(pairing, open)
  await says(open, /waiting for the Node to be Ready/)
  const copy = await bootCopy(t, pairing, await diskOf(open))
  await assertStranger(t, pairing, copy, 'worker-1')
})

t.test('a copy of a machine in a join loses its credential before its kubelet starts', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const copied = copyWhen(
    open,
    ({ bootstrapConf, kubeletConf, certificate }) => bootstrapConf && kubeletConf && certificate === undefined
  )
  const agent = open.start()
  await approvePending(pairing, open)
  const disk = await copied
  t.ok(disk.has('/etc/kubernetes/bootstrap-kubelet.conf'))
  t.equal(await agent.ended, 'done')
  const copy = await bootCopy(t, pairing, disk)
  t.match(await copy.machine.looking.joinState(), { unit: 'absent', bootstrapConf: false, kubeletConf: true })
  await assertStranger(t, pairing, copy, 'worker-1')
  await assertJoined(t, pairing, open)
})

t.test('a copy that was reset joins by a code of its own', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const copied = copyWhen(open, ({ bootstrapConf }) => bootstrapConf)
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  const copy = await bootCopy(t, pairing, await copied)
  await copy.putCode()
  await approvePending(pairing, copy)
  await eventually('it waits', () => copy.steps.includes('wait'))
  // by hand
  await copy.machine.joining.reset()
  await assertJoined(t, pairing, copy)
  await assertJoined(t, pairing, open)
})

const copiedWhen: Record<string, (state: JoinState) => boolean> = {
  'before its kubelet had a certificate': ({ bootstrapConf, certificate }) =>
    bootstrapConf && certificate === undefined,
  'after that': ({ certificate }) => certificate !== undefined
}
for (const [when, is] of Object.entries(copiedWhen)) {
  t.test(`the agent leaves a join by hand alone on a copy that was made ${when}`, async (t) => {
    const pairing = await openPairing(t)
    const open = await openWithCode(t, pairing)
    const copied = copyWhen(open, is)
    open.start()
    await approvePending(pairing, open)
    const copy = await bootCopy(t, pairing, await copied)
    await copy.machine.joining.reset()
    const path = '/etc/kubernetes/bootstrap-kubelet.conf'
    await copy.machine.files.write(path, 'theirs', 0o600)
    await copy.reboot()
    t.ok(await copy.has(path))
  })
}
