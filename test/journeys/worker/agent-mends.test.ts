import { sysctlPath } from '@joinery/agent/testing/preflight'
import type { Remediation } from '@joinery/protocol'
import { type AgentMachine, type AgentOptions, openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, reaches } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

/** What the agent mends on a machine that has just booted: this one forwards nothing. */
const forwarding = sysctlPath('net.ipv4.ip_forward')
const isMended = async ({ machine }: AgentMachine) => (await machine.files.read(forwarding))?.trim() === '1'

/** A machine with a code that says this, or nothing. */
const openWith = async (t: Test, pairing: Pairing, remediate?: Remediation, options?: AgentOptions) => {
  const open = await openMachine(t, pairing, 'worker-1', options)
  const policy = remediate && { policy: { remediate, ignore: [] } }
  await open.putCode((await pairing.operator.createCode({ name: 'worker-1', ttl: 1800, ...policy })).code)
  return open
}
const waits = (open: AgentMachine) => eventually('it waits', () => open.waits())

t.test('a code that says off keeps the agent from changing anything, also when it starts again', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWith(t, pairing, 'off')
  const first = open.start()
  await waits(open)
  first.kill()
  open.steps.length = 0
  open.start()
  await waits(open)
  t.notOk(open.steps.includes('mend'))
  t.notOk(await isMended(open))
  t.notOk(await open.has('/etc/sysctl.d/99-zz-joinery.conf'))
  const { preflight } = await reaches(pairing, 'worker-1', 'pending')
  const { remedy } = preflight.find(({ name }) => name === 'sysctls') ?? {}
  t.match(remedy?.at(-1), /or let the agent do it: remediate: safe/)
})

t.test('an agent that cannot read the policy of its code changes nothing', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWith(t, pairing)
  open.network.goDown()
  open.start()
  await eventually('it tries to enrol', () => open.steps.filter((step) => step === 'enrol').length > 2)
  t.notOk(await isMended(open))
  open.network.comeBack()
  await approvePending(pairing, open)
  await assertJoined(t, pairing, open)
  t.ok(await isMended(open))
})

t.test('without a policy in its code the agent enrols, mends, and reports the result', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWith(t, pairing)
  open.start()
  await waits(open)
  t.match(open.steps.slice(0, 4), ['observe', 'enrol', 'mend', 'observe'])
  const { preflight } = await pairing.operator.show('worker-1')
  t.match(
    preflight.find(({ name }) => name === 'sysctls'),
    { verdict: 'pass' }
  )
})

t.test('a machine whose configuration has a level is mended before it enrols', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWith(t, pairing, 'off', { config: { remediate: 'safe' } })
  open.start()
  await waits(open)
  t.match(open.steps.slice(0, 4), ['observe', 'mend', 'observe', 'enrol'])
})

t.test('an agent that starts again asks for the policy of its code before it mends', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWith(t, pairing)
  const first = open.start()
  await waits(open)
  first.kill()
  await open.machine.files.write(forwarding, '0\n', 0o644)
  open.steps.length = 0
  open.start()
  await waits(open)
  t.match(open.steps.slice(0, 3), ['observe', 'ask', 'mend'])
  t.ok(await isMended(open))
})
