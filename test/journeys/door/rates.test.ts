import { agentRoutes } from '@joinery/protocol'
import { systemMonotonic } from '@joinery/server/testing/base'
import { CallRates } from '@joinery/server/testing/rates'
import { openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined } from '@joinery/testing/agents/outcomes'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, enrolled } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'

const openStill = async (t: Test): Promise<Pairing> => {
  const pairing = await openPairing(t)
  pairing.clock.hold()
  return pairing
}

const joining = async (pairing: Pairing): Promise<TestMachine> => {
  const machine = await enrolled(pairing)
  await approve(pairing, 'worker-1')
  await claimToken(machine)
  return machine
}

const tooMany = { code: 'too-many-requests', retryAfter: 1000 }

/** How many of so many calls in a row are let through; the others are told when to come again. */
const through = async (t: Test, times: number, call: (time: number) => Promise<unknown>): Promise<number> => {
  const refusals: unknown[] = []
  for (let time = 0; time < times; time += 1) await call(time).catch((error) => refusals.push(error))
  t.match(refusals, Array(refusals.length).fill(tooMany))
  return times - refusals.length
}

t.test('a machine that reports too often writes and logs no more, and holds up nobody', async (t) => {
  const pairing = await openStill(t)
  const [greedy, honest] = [await enrolled(pairing, 'greedy'), await enrolled(pairing, 'honest')]
  const observe = (time: number) =>
    greedy.server.observe({ facts: { ...greedy.facts, serial: `serial ${time}` }, preflight: [] })
  const logged = pairing.log.length
  t.equal(await through(t, 15, observe), 9, 'and its enrolment before that')
  t.equal((await pairing.operator.show('greedy')).revision, 10)
  t.equal(pairing.log.slice(logged).match(/"evidence-changed"/g)?.length, 9)
  await honest.server.observe({ facts: { ...honest.facts, serial: 'new' }, preflight: [] })
  pairing.clock.advance(1000)
  await observe(101)
  await t.rejects(observe(102), tooMany)
})

t.test('a repeated enrol counts as a report', async (t) => {
  const pairing = await openStill(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  t.equal(await through(t, 15, (time) => machine.enrol(code, { facts: { ...machine.facts, os: `${time}` } })), 10)
})

t.test('polls from changing addresses are limited like reports', async (t) => {
  const pairing = await openStill(t)
  const machine = await enrolled(pairing)
  const { certificate: cert, key } = machine.identity
  const from = ['127.0.0.2', '127.0.0.1'].map(
    (localAddress) => new Agent({ localAddress, connect: { cert, key, rejectUnauthorized: false } })
  )
  const statuses: number[] = []
  for (let time = 0; time < 12; time += 1) {
    const dispatcher = from[time % 2] as Agent
    const { statusCode, body } = await request(`${pairing.url}${agentRoutes.wait.path}`, { dispatcher })
    await body.dump()
    statuses.push(statusCode)
  }
  t.same(statuses, [...Array(9).fill(200), 429, 200, 429], 'from where it was seen last it may go on')
  t.equal((await pairing.operator.show('worker-1')).revision, 10)
})

t.test('stage lines come in a burst', async (t) => {
  const pairing = await openStill(t)
  const machine = await joining(pairing)
  const report = (time: number) => machine.server.progress({ attempt: 1, stage: `stage ${time}` })
  t.equal(await through(t, 70, report), 60, 'three times what a control plane prints')
  pairing.clock.advance(1000)
  t.equal(await through(t, 10, report), 1, 'and one more a second')
})

t.test('outcomes and claims have a rate', async (t) => {
  const pairing = await openStill(t)
  const machine = await joining(pairing)
  t.equal(await through(t, 15, () => machine.server.claim()), 9, 'and the one before that')
  const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '01' }
  t.equal(await through(t, 15, () => machine.server.outcome({ outcome: 'ready', certificate })), 10)
})

t.test('an agent that must come later does so, and its machine becomes Ready', async (t) => {
  const rate = { each: 100, burst: 1 }
  const pairing = await openPairing(t, {}, undefined, (container) => {
    const rates = { observations: rate, progress: rate, outcomes: rate, claims: rate, causes: rate, recoveries: rate }
    container.register(CallRates, { useValue: new CallRates(systemMonotonic, rates) })
  })
  const open = await openMachine(t, pairing)
  await open.putCode()
  const agent = open.start()
  await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})
