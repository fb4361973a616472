import { paths } from '@joinery/agent/testing/machine'
import type { Check, Remediation } from '@joinery/protocol'
import { type AgentMachine, type AgentOptions, openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, reaches, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

const fstab = 'LABEL=rootfs / ext4 defaults 0 1\n/dev/vda2 none swap sw 0 0\n'

/** A machine that booted with swap, and has a code that says this of its mending, or nothing. */
const openWithSwap = async (t: Test, pairing: Pairing, remediate?: Remediation, options?: AgentOptions) => {
  const open = await openMachine(t, pairing, 'worker-1', options)
  await open.machine.files.write(paths.fstab, fstab, 0o644)
  await open.machine.reboot()
  t.ok(await hasSwap(open))
  const policy = remediate && { policy: { remediate, ignore: [] } }
  await open.putCode((await pairing.operator.createCode({ name: 'worker-1', ttl: 1800, ...policy })).code)
  return open
}

const hasSwap = async ({ machine }: AgentMachine): Promise<boolean> =>
  /^\/dev\/vda2\s/m.test((await machine.files.read(paths.swaps)) ?? '')

const swapOf = ({ preflight }: { preflight: Check[] }): Check | undefined =>
  preflight.find(({ name }) => name === 'swap')

const waits = (open: AgentMachine) => eventually('it waits', () => open.waits())

t.test('a machine with swap joins a cluster that allows swap, and keeps it', async (t) => {
  const pairing = await openPairing(t)
  await pairing.cluster.configureNodes('kubelet-config', 'failSwapOn: false')
  const open = await openWithSwap(t, pairing, 'runtime')
  open.start()
  const { preflight } = await approvePending(pairing, open)
  t.match(swapOf({ preflight }), { verdict: 'pass', finding: /failSwapOn: false/ })
  await assertJoined(t, pairing, open)
  t.ok(await hasSwap(open), 'now')
  t.equal(await open.machine.files.read(paths.fstab), fstab, 'and at the next boot')
})

t.test('a machine with swap at a cluster that refuses it loses it before it joins, for good', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithSwap(t, pairing)
  open.start()
  const { preflight } = await approvePending(pairing, open)
  t.match(swapOf({ preflight }), { verdict: 'pass', finding: 'swap is off' })
  await assertJoined(t, pairing, open)
  t.notOk(await hasSwap(open), 'now')
  await open.machine.reboot()
  t.notOk(await hasSwap(open), 'and after the next boot')
})

t.test('at a level that may not turn swap off, the machine waits with the reason, and joins without it', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithSwap(t, pairing, 'off', { config: { ignorePreflight: ['kernel-modules', 'sysctls'] } })
  open.start()
  await waits(open)
  await approve(pairing, 'worker-1')
  await says(open, /^approved, waits until preflight passes: swap/)
  const held = await reaches(pairing, 'worker-1', 'approved')
  t.match(swapOf(held), { verdict: 'fail', finding: 'swap is on: /dev/vda2' })
  t.match(swapOf(held)?.remedy?.at(-1), /or let the agent do it: remediate: safe/)
  t.same(held.attempts, [], 'it does not claim')
  t.ok(await hasSwap(open))
  await open.machine.files.write(paths.fstab, 'LABEL=rootfs / ext4 defaults 0 1\n', 0o644)
  await open.reboot()
  await assertJoined(t, pairing, open)
})

t.test('before the machine knows its cluster it turns no swap off, whatever else it mends', async (t) => {
  const pairing = await openPairing(t)
  await pairing.cluster.configureNodes('kubelet-config', 'failSwapOn: false')
  const open = await openWithSwap(t, pairing, 'safe', { config: { remediate: 'safe' } })
  open.network.goDown()
  open.start()
  await eventually('it has mended, and tries to enrol', () => open.steps.filter((step) => step === 'enrol').length > 2)
  t.ok(open.steps.includes('mend'))
  t.ok(await hasSwap(open))
  open.network.comeBack()
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
  t.ok(await hasSwap(open))
})

t.test('while the cluster is away the agent turns no swap off and does not claim', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithSwap(t, pairing)
  await pairing.cluster.goDown()
  open.start()
  const pending = await eventually('it has looked again', async () => {
    const seen = open.waits() && (await pairing.operator.show('worker-1').catch(() => undefined))
    return seen && swapOf(seen)?.verdict === 'fail' && seen
  })
  t.match(swapOf(pending), { finding: /the cluster does not say now whether its kubelets refuse swap$/ })
  t.ok(await hasSwap(open))
  await pairing.cluster.comeBack()
  pairing.clock.advance(10_000)
  await eventually('it has asked again', () => {
    open.clock.pass(60_000)
    return hasSwap(open).then((is) => !is)
  })
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
})

t.test('a server that does not send the kubelets’ configuration counts as refusing swap, as before', async (t) => {
  const pairing = await openPairing(t, {}, async (cluster) => {
    cluster.nodeConfiguration = async () => ({})
  })
  const open = await openWithSwap(t, pairing)
  open.start()
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
  t.notOk(await hasSwap(open))
})
