import { allDone } from '@joinery/testing/clocks/all-done'
import { eventually } from '@joinery/testing/clocks/eventually'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'
import { reporting, waiting } from './machine-reports.ts'

const name = 'worker-1'

/** The control plane has lost the Node: nobody renews its Lease any more. */
const lose = async (pairing: Pairing): Promise<void> => {
  pairing.clock.advance(90_000)
  await isLost(pairing)
}

const isLost = async (pairing: Pairing): Promise<void> => {
  await pairing.cluster.reportNode(name, {
    conditions: [
      { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }
    ]
  })
  await pairing.reconcile()
}
const causesOf = async ({ operator }: Pairing) => (await operator.why(name)).causes

for (const [answer, code] of [
  ['open', 'api-unreachable'],
  ['refused', 'kubelet-off'],
  ['no-answer', 'machine-silent']
] as const) {
  t.test(`a Node that went silent, whose port of the kubelet is ${answer}: ${code}`, async (t) => {
    const pairing = await openPairing(t, { diagnosis: 'on' })
    await waiting(pairing, name)
    pairing.doors.kubelet = answer
    await lose(pairing)
    await pairing.diagnose()
    t.match(await pairing.operator.show(name), { cause: { code } })
    t.match((await causesOf(pairing))[0], { code, from: 'cluster' })
    t.match(
      (await causesOf(pairing))[0]?.evidence.join('\n'),
      /Lease worker-1: not renewed for 9\d s(.|\n)*TCP port 10250 at 127.0.0.1: /
    )
    t.same(pairing.doors.knocks, ['127.0.0.1:10250'], 'once a minute, however often somebody asks')
    pairing.clock.advance(61_000)
    await causesOf(pairing)
    t.equal(pairing.doors.knocks.length, 2)
  })
}

t.test('who asks just before the control plane has lost a Node still learns what its port answered', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await pairing.cluster.renewLease(await ready(pairing, name))
  await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', '')
  await pairing.reconcile()
  pairing.doors.kubelet = 'refused'
  pairing.clock.advance(55_000)
  await pairing.operator.why(name)
  t.equal(pairing.doors.knocks.length, 1)
  await pairing.diagnose()
  await isLost(pairing)
  t.match((await causesOf(pairing))[0], { code: 'kubelet-off' })
  t.equal(pairing.doors.knocks.length, 1, 'it is not knocked at again')
})

t.test('the server that looks while an operator has it knock waits for the answer', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waiting(pairing, name)
  const { promise, resolve: answer } = Promise.withResolvers<'refused'>()
  pairing.doors.kubelet = promise
  await lose(pairing)
  const asked = causesOf(pairing)
  await eventually('it knocks', async () => pairing.doors.knocks.length === 1)
  let hasLooked = false
  const looked = pairing.diagnose().then(() => {
    hasLooked = true
  })
  await allDone()
  t.notOk(hasLooked, 'it waits')
  answer('refused')
  t.match((await asked)[0], { code: 'kubelet-off' })
  await looked
  t.match(await pairing.operator.show(name), { cause: { code: 'kubelet-off' } })
  t.equal(pairing.doors.knocks.length, 1)
})

t.test('the answer to a knock is about one silence, and one that is over is no new cause', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const one = await waiting(pairing, name)
  pairing.doors.kubelet = 'refused'
  await lose(pairing)
  await pairing.diagnose()
  const causes = async () => (await pairing.operator.show(name)).timeline.filter(({ event }) => event === 'cause')
  const told = await causes()
  t.match(told.at(-1)?.detail, /^kubelet-off/)

  pairing.clock.advance(5_000)
  await pairing.cluster.renewLease(one)
  t.match(await causesOf(pairing), [{ code: 'kubelet-says', text: /is heard again/ }])
  await pairing.diagnose()
  t.same(await causes(), told, 'of the seconds until it says how it is there is no entry')

  // it is silent again within the minute
  await pairing.cluster.reportNode(name, {
    conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'it starts' }]
  })
  pairing.clock.advance(51_000)
  await isLost(pairing)
  t.equal((await causesOf(pairing))[0]?.code, 'machine-silent', 'nobody may knock yet')
  t.equal(pairing.doors.knocks.length, 1)
})

t.test('a Node that is heard is not knocked at', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waiting(pairing, name)
  await pairing.diagnose()
  await causesOf(pairing)
  t.same(pairing.doors.knocks, [])
})

t.test(
  'a machine whose Lease is old, and that still speaks to the server, does not reach the API server',
  async (t) => {
    const pairing = await openPairing(t, { diagnosis: 'on' })
    const one = await waiting(pairing, name)
    await lose(pairing)
    t.equal((await reporting(t, pairing, one.machine)({ causes: [] })).status, 200)
    t.match((await causesOf(pairing))[0], { code: 'api-unreachable', text: /reaches the pairing server/ })
  }
)

t.test('an agent that waits shows that its machine is there', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const { machine } = await waiting(pairing, name)
  await lose(pairing)
  const gone = new AbortController()
  const polls = async (): Promise<void> => {
    for (let after = 0; !gone.signal.aborted; ) {
      const found = await machine.server.wait(after, 50, gone.signal).catch(() => undefined)
      after = found?.revision ?? after
    }
  }
  const polling = polls()
  const first = await eventually('it waits', async () => {
    const [cause] = await causesOf(pairing)
    return cause?.code === 'api-unreachable' && cause
  })
  t.match(first.evidence.join('\n'), 'the machine waits at the pairing server now')
  gone.abort()
  await polling
})

t.test('no address that a machine claims is ever knocked at', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const { machine } = await waiting(pairing, name)
  // the server sees it at 127.0.0.1
  await machine.server.observe({ facts: { ...machine.facts, addresses: ['192.0.2.7'] }, preflight: [] })
  await lose(pairing)
  t.match((await causesOf(pairing))[0], { code: /./ })
  for (const knock of pairing.doors.knocks) t.equal(knock, '127.0.0.1:10250')
})
