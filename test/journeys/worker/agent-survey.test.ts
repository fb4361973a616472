import { Refused } from '@joinery/agent/testing/pairing'
import type { PreflightInput } from '@joinery/agent/testing/preflight'
import { type AgentMachine, openMachine, openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, reaches } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** What preflight was told, each time. */
const told = ({ machine }: AgentMachine): PreflightInput[] => {
  const inputs: PreflightInput[] = []
  const { preflight } = machine.looking
  machine.looking.preflight = (input) => {
    inputs.push(input)
    return preflight(input)
  }
  return inputs
}

const surveys = ({ steps }: AgentMachine): number => steps.filter((step) => step === 'survey').length

t.test('an agent that has enrolled looks again, with the answers of the server', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.ahead = 3_600_000
  const inputs = told(open)
  open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  t.match(open.steps, ['observe', 'enrol', 'mend', 'observe', 'survey', 'observe'])
  t.match(inputs[0], { cluster: undefined, reachability: undefined, pairingServer: open.network.url })
  const { cluster, reachability, nodeName } = inputs.at(-1) ?? {}
  t.equal(nodeName, 'worker-1')
  t.same(reachability, { address: '127.0.0.1', ports: [{ port: 10250, reach: 'open' }] })
  t.match(cluster, { version: 'v1.37.2', ...(await pairing.cluster.network()) })
  t.equal(Math.round((cluster?.skew ?? 0) / 60_000), 60, 'its clock is an hour ahead, whatever the call took')
})

t.test('the agent asks for a survey again after ten minutes', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  open.clock.pass(500_000)
  await eventually('it looked again', () => open.steps.filter((step) => step === 'wait').length === 2)
  t.equal(surveys(open), 1)
  open.clock.pass(100_000)
  await eventually('it asks again', () => surveys(open) === 2)
})

t.test('while the server does not get through, the agent asks each minute', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.way = 'no-answer'
  const inputs = told(open)
  open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  t.match(inputs.at(-1), { reachability: { ports: [{ reach: 'no-answer' }] } })
  open.clock.pass(60_000)
  await eventually('it asks again', () => surveys(open) === 2)
  open.way = 'open'
  open.clock.pass(60_000)
  await eventually('it is reached', () => inputs.at(-1)?.reachability?.ports[0]?.reach === 'open')
})

t.test('a port that somebody else has leaves reachability out', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  open.way = 'taken'
  const inputs = told(open)
  open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  t.match(inputs.at(-1), { cluster: Object, reachability: undefined })
})

t.test('the agent does not claim before a survey, also if it started after the approval', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const first = open.start()
  await eventually('it waits', () => open.steps.includes('wait'))
  first.stop()
  await first.ended
  await approve(pairing, 'worker-1')
  open.steps.length = 0
  t.equal(await open.start().ended, 'done')
  const [survey, claim] = [open.steps.indexOf('survey'), open.steps.indexOf('claim-and-join')]
  t.ok(survey >= 0 && survey < claim, open.steps.join())
  t.equal(surveys(open), 1)
  await assertJoined(t, pairing, open)
})

t.test('a machine also joins an older server, which knows neither call', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const inputs = told(open)
  open.watch = (moment) => {
    if (/before server\.(cluster|reachability)/.test(moment)) throw new Refused('not-found', 'there is no such path')
  }
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  t.match(inputs.at(-1), { cluster: undefined, reachability: undefined })
})

t.test('a check that the code ignores does not stop a join, and is shown', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing)
  const policy = { ignore: ['swap'] }
  await open.putCode((await pairing.operator.createCode({ name: 'worker-1', ttl: 1800, policy })).code)
  await open.machine.files.write('/proc/swaps', 'Filename Type Size Used Priority\n/dev/vda2 partition 1 0 -2\n', 0o444)
  const agent = open.start()
  await eventually('it is shown as ignored', async () => {
    const shown = await pairing.operator.show('worker-1').catch(() => undefined)
    return shown?.preflight.find(({ name }) => name === 'swap')?.ignored
  })
  t.match(await pairing.operator.show('worker-1'), { policy })
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
})

t.test('the checks that the machine itself ignores are added', async (t) => {
  const pairing = await openPairing(t)
  const open = await openMachine(t, pairing, 'worker-1', { config: { ignorePreflight: ['mtu'] } })
  const inputs = told(open)
  const policy = { ignore: ['swap'] }
  await open.putCode((await pairing.operator.createCode({ name: 'worker-1', ttl: 1800, policy })).code)
  open.start()
  await reaches(pairing, 'worker-1', 'pending')
  await eventually('it waits', () => open.steps.includes('wait'))
  t.same([inputs[0]?.ignore, inputs.at(-1)?.ignore], [['mtu'], ['mtu', 'swap']])
})
