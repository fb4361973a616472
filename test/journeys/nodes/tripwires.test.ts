import { randomBytes } from 'node:crypto'
import { eventually } from '@joinery/testing/clocks/eventually'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { askOutside, joinOutside } from '@joinery/testing/pairing/outside-joinery'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import {
  approve,
  askForCertificate,
  claimToken,
  refusedWith,
  register,
  withApprovedCsr
} from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

/** The alerts that an operator sees now, oldest first. */
const alerts = async ({ operator }: Pairing) => (await operator.status()).alerts.last.toReversed()

/** It looks again and again, also after a restart, and nothing more is said. */
const saysNoMore = async (t: Test, pairing: Pairing) => {
  const before = await alerts(pairing)
  await pairing.reconcile()
  await pairing.restart()
  await pairing.reconcile()
  t.same(await alerts(pairing), before, 'said once')
}

const enrolled = async (pairing: Pairing, name = 'worker-1') => {
  const machine = await pairing.machine()
  const { code } = await pairing.code(name)
  await machine.enrol(code)
  await approve(pairing, name)
  return { machine, code }
}

/** Its Node is there, with the certificate that its kubelet holds. */
const joined = async (pairing: Pairing, name = 'worker-1') => {
  const { machine } = await enrolled(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  const certificate = await register(pairing, machine, name, csr, key)
  await pairing.reconcile()
  return { machine, holder: { certificate, key } }
}

t.test('a quiet cluster has no alert', async (t) => {
  const pairing = await openPairing(t)
  await joined(pairing)
  t.same((await pairing.operator.status()).alerts, { count: 0, last: [] })
})

t.test('a Node that joins outside of Joinery alerts once, and so does its certificate', async (t) => {
  const pairing = await openPairing(t)
  await pairing.reconcile()
  const { machineId } = await joinOutside(pairing.cluster, pairing.clock, 'worker-9')
  await pairing.reconcile()
  const next = 'joinery nodes'
  t.match(
    (await alerts(pairing)).toSorted((one, other) => (one.event < other.event ? -1 : 1)),
    [
      {
        subject: 'node/worker-9',
        event: 'outside-certificate',
        detail: /system:bootstrap:\w{6} got a certificate/,
        next
      },
      { subject: 'node/worker-9', event: 'unknown-node', detail: new RegExp(machineId), next }
    ]
  )
  t.match(pairing.log, /"subject":"node\/worker-9","event":"unknown-node"/)
  await saysNoMore(t, pairing)
})

t.test('a request that seems to be for another name alerts for the issued name', async (t) => {
  const pairing = await openPairing(t)
  await pairing.reconcile()
  const seen = `x${(await kubeletRequest('worker-9')).request}\n`
  const { csr, username } = await askOutside(pairing.cluster, pairing.clock, 'cp-1', seen)
  await pairing.reconcile()
  t.same(await alerts(pairing), [], 'while it has nothing, nobody can tell')
  await pairing.cluster.approveCsr({ name: csr, uid: (await pairing.cluster.kubeletCsrs())[0]?.uid ?? '' })
  await eventually(`the certificate of ${csr}`, async () => (await pairing.cluster.csr(csr))?.certificate)
  await pairing.reconcile()
  t.match(await alerts(pairing), [{ subject: 'node/cp-1', event: 'outside-certificate', detail: new RegExp(username) }])
  await saysNoMore(t, pairing)
})

t.test('Nodes from before the first look do not alert, before and after a restart', async (t) => {
  const pairing = await openPairing(t, {}, (cluster, clock) => joinOutside(cluster, clock, 'cp-1'))
  await pairing.reconcile()
  t.same(await alerts(pairing), [])
  await saysNoMore(t, pairing)
})

t.test('a Node of before Joinery may register again, but another machine in its name alerts', async (t) => {
  const there = Promise.withResolvers<Awaited<ReturnType<typeof joinOutside>>>()
  const pairing = await openPairing(t, {}, async (cluster, clock) =>
    there.resolve(await joinOutside(cluster, clock, 'cp-1'))
  )
  const registration = await there.promise
  await pairing.reconcile()
  await pairing.cluster.deleteNodeAsAdmin('cp-1')
  await pairing.reconcile()
  await pairing.cluster.registerNode(registration)
  await pairing.reconcile()
  t.same(await alerts(pairing), [])
  await pairing.cluster.registerNode({ ...registration, machineId: randomBytes(16).toString('hex') })
  await pairing.reconcile()
  t.match(await alerts(pairing), [{ subject: 'node/cp-1', event: 'other-machine' }])
  await saysNoMore(t, pairing)
})

t.test('a foreign certificate in the name of an enrolment alerts in its timeline', async (t) => {
  const pairing = await openPairing(t)
  await joined(pairing)
  const waiting = await askOutside(pairing.cluster, pairing.clock, 'worker-1')
  await pairing.reconcile()
  t.same(await alerts(pairing), [], 'one that waits has got nothing')
  await pairing.cluster.approveCsr((await pairing.cluster.csr(waiting.csr)) as { name: string; uid: string })
  await pairing.reconcile()
  t.match(await alerts(pairing), [
    {
      subject: 'enrolment/worker-1',
      event: 'outside-certificate',
      detail: new RegExp(`^${waiting.csr}: ${waiting.username} `),
      next: 'joinery show worker-1'
    }
  ])
  t.match((await pairing.operator.show('worker-1')).timeline.at(-1), { event: 'outside-certificate', alert: true })
  await saysNoMore(t, pairing)
})

t.test('a Node that renews its certificate does not alert, enrolled or of before Joinery', async (t) => {
  const there = Promise.withResolvers<Awaited<ReturnType<typeof joinOutside>>>()
  const pairing = await openPairing(t, {}, async (cluster, clock) =>
    there.resolve(await joinOutside(cluster, clock, 'cp-1'))
  )
  const { holder } = await joined(pairing)
  for (const [name, by] of [
    ['worker-1', holder],
    ['cp-1', await there.promise]
  ] as const) {
    const csr = await pairing.cluster.submitCsr({ holder: by, request: (await kubeletRequest(name)).request })
    t.match(await pairing.cluster.csr(csr), { approved: true }, name)
  }
  await pairing.reconcile()
  t.same(await alerts(pairing), [])
})

t.test('a second key with a code, and a request for another name, are alerts', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await enrolled(pairing)
  await refusedWith((await pairing.machine()).enrol(code))
  const { machine } = await enrolled(pairing, 'worker-2')
  await askForCertificate(pairing, (await claimToken(machine)).token, 'worker-3')
  await pairing.reconcile()
  t.match(await alerts(pairing), [
    { subject: 'enrolment/worker-1', event: 'conflict', detail: /second key/, next: 'joinery show worker-1' },
    { subject: 'enrolment/worker-2', event: 'conflict', detail: /asked for a certificate that it must not get/ }
  ])
  await saysNoMore(t, pairing)
})

t.test('each alert names the next command, also for a code, and for one of two with the same name', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await pairing.operator.createCode({ ttl: 1800, uses: 2, name: 'rack-{n}' })
  for (const _ of [1, 2]) await (await pairing.machine()).enrol(code)
  await refusedWith((await pairing.machine()).enrol(code))
  const { code: single } = await pairing.code('rack-1')
  await (await pairing.machine()).enrol(single)
  await refusedWith((await pairing.machine()).enrol(single))
  const { items } = await pairing.operator.list()
  t.match(await alerts(pairing), [
    { subject: `code/${id}`, event: 'quota', next: `joinery code show ${id}` },
    { subject: 'enrolment/rack-1', event: 'conflict', next: `joinery show ${items[2]?.id}` }
  ])
})

t.test('an agent with another certificate, and another machine behind a Node, are alerts', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await joined(pairing)
  await pairing.cluster.setNodeReady('worker-1', 'True', 'KubeletReady', '')
  const certificate = { fingerprint: machine.identity.fingerprint, serial: '0A' }
  await machine.server.outcome({ outcome: 'ready', certificate })
  await pairing.reconcile()
  const { machine: other } = await enrolled(pairing, 'worker-2')
  const { csr, key } = await withApprovedCsr(pairing, other, 'worker-2')
  await register(pairing, { ...other, facts: machine.facts }, 'worker-2', csr, key)
  await pairing.reconcile()
  const [held, stranger] = await alerts(pairing)
  t.match(held, { subject: 'enrolment/worker-1', detail: /the agent holds certificate 0A/ })
  t.match(stranger, { subject: 'enrolment/worker-2', detail: new RegExp(`machine id ${machine.facts.machineId}`) })
})

t.test('a rejected machine that asks again alerts in its timeline, whoever asks', async (t) => {
  const pairing = await openPairing(t)
  const { holder } = await joined(pairing)
  // the ban is there at once, and the API server lets one more request in
  pairing.cluster.delay({ bans: 10_000 })
  await pairing.operator.reject('worker-1', { reason: 'stolen' })
  pairing.clock.advance(2000)
  await pairing.cluster.submitCsr({ holder, request: (await kubeletRequest('worker-1')).request })
  pairing.cluster.delay({ bans: 0 })
  await pairing.reconcile()
  const returned = async () => (await alerts(pairing)).filter(({ event }) => event === 'returned')
  t.match(await returned(), [{ subject: 'enrolment/worker-1', detail: /system:node:worker-1 asks .* is rejected$/ }])
  const { username } = await askOutside(pairing.cluster, pairing.clock, 'worker-1')
  await pairing.reconcile()
  t.match((await returned())[1], { detail: new RegExp(`${username} asks`) })
  await saysNoMore(t, pairing)
})

t.test('two passes at the same time alert once', async (t) => {
  const pairing = await openPairing(t)
  await pairing.reconcile()
  await joinOutside(pairing.cluster, pairing.clock, 'worker-9')
  await Promise.all([pairing.reconcile(), pairing.reconcile()])
  t.same((await alerts(pairing)).map(({ event }) => event).sort(), ['outside-certificate', 'unknown-node'])
})

t.test('requests for many new names fill nothing, and hide no Node and no returning machine', async (t) => {
  const pairing = await openPairing(t)
  await joined(pairing)
  await pairing.operator.reject('worker-1', { reason: 'stolen' })
  await pairing.reconcile()
  const undo = await pairing.cluster.bindBootstrappersToNodeclient()
  for (let number = 0; number < 110; number += 1) await askOutside(pairing.cluster, pairing.clock, `name-${number}`)
  await undo()
  await pairing.reconcile()
  const { count } = (await pairing.operator.status()).alerts
  t.equal(count, 101, 'and the Node that was turned away')
  pairing.clock.advance(2000)
  await askOutside(pairing.cluster, pairing.clock, 'worker-1')
  await joinOutside(pairing.cluster, pairing.clock, 'worker-9')
  await pairing.reconcile()
  const events = (await alerts(pairing)).slice(-3).map(({ event }) => event)
  t.same(events.sort(), ['outside-certificate', 'returned', 'unknown-node'])
})

t.test('alerts are shown for a week', async (t) => {
  const pairing = await openPairing(t)
  await pairing.reconcile()
  await joinOutside(pairing.cluster, pairing.clock, 'worker-9')
  await pairing.reconcile()
  pairing.clock.advance(7 * 24 * 3600_000 - 60_000)
  t.equal((await pairing.operator.status()).alerts.count, 2)
  pairing.clock.advance(120_000)
  t.same((await pairing.operator.status()).alerts, { count: 0, last: [] })
})
