import { openPairing } from '@joinery/testing/pairing/pairing'
import { approve, askForCertificate, claimed, register } from '@joinery/testing/pairing/steps'
import t from 'tap'

t.test('a token that asks for another name freezes its enrolment, is deleted, and gets no approval', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  const { csr } = await askForCertificate(pairing, token, 'worker-2')
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: true })
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.equal(state, 'frozen')
  t.ok(timeline.some(({ event, alert, detail }) => event === 'conflict' && alert && detail.includes(csr)))
  t.same(await pairing.cluster.tokens(), [])
})

t.test('a second request for the same name by the same token is denied', async (t) => {
  const pairing = await openPairing(t)
  const { token } = await claimed(pairing)
  const first = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  const second = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(first.csr), { approved: true })
  t.match(await pairing.cluster.csr(second.csr), { approved: false, denied: true })
  t.match(await pairing.cluster.csr(first.csr), { denied: false })
  t.equal((await pairing.operator.show('worker-1')).state, 'joining')
})

t.test('requests of different machines are approved side by side', async (t) => {
  const names = ['worker-1', 'worker-2', 'worker-3']
  const allThere = Promise.withResolvers<void>()
  let approving = 0
  const pairing = await openPairing(t, {}, async (cluster) => {
    const { approveCsr } = cluster
    cluster.approveCsr = async (csr) => {
      approving += 1
      if (approving === names.length) allThere.resolve()
      await allThere.promise
      return approveCsr(csr)
    }
  })
  const tokens = await Promise.all(names.map(async (name) => ({ name, token: (await claimed(pairing, name)).token })))
  const asked = await Promise.all(tokens.map(({ name, token }) => askForCertificate(pairing, token, name)))
  await pairing.reconcile()
  for (const { csr } of asked) t.match(await pairing.cluster.csr(csr), { approved: true }, csr)
})

t.test('a request by a token that is not ours is never touched', async (t) => {
  const pairing = await openPairing(t)
  await claimed(pairing)
  const foreign = { id: 'abcdef', secret: '0123456789abcdef' }
  const expires = new Date(pairing.clock.now().getTime() + 600_000)
  await pairing.cluster.createToken({
    ...foreign,
    group: 'system:bootstrappers:joinery:node',
    expires,
    description: ''
  })
  const { csr } = await askForCertificate(pairing, `${foreign.id}.${foreign.secret}`, 'worker-1')
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: false })
  t.equal((await pairing.operator.show('worker-1')).state, 'joining')
})

t.test('the machine behind the Node must be the one that enrolled', async (t) => {
  const pairing = await openPairing(t)
  const { machine, token } = await claimed(pairing)
  const { csr, key } = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  const stranger = { ...machine, facts: { ...machine.facts, machineId: 'e'.repeat(32) } }
  await register(pairing, stranger, 'worker-1', csr, key)
  await pairing.reconcile()
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.equal(state, 'frozen')
  t.ok(timeline.some(({ alert, detail }) => alert && detail.includes(machine.facts.machineId)))
})

t.test('a Node that appears after its enrolment was rejected alerts, is deleted, and its name is banned', async (t) => {
  const pairing = await openPairing(t)
  const { machine, token } = await claimed(pairing)
  const { csr, key } = await askForCertificate(pairing, token, 'worker-1')
  await pairing.reconcile()
  await pairing.operator.reject('worker-1', { reason: 'a mistake' })
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.match((await pairing.operator.show('worker-1')).timeline.at(-1), { event: 'unwanted-node', alert: true })
  t.same(await pairing.cluster.nodes(), [])
  await t.rejects(
    register(pairing, machine, 'worker-1', csr, key),
    { message: /this node was removed by Joinery/ },
    'it cannot come back'
  )
})

t.test('no token is made in a cluster that would approve any name by itself', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  const undo = await pairing.cluster.bindBootstrappersToNodeclient()
  await t.rejects(machine.server.claim(), { code: 'cluster-unsafe', message: /auto-approve-csrs-for-group/ })
  t.same(await pairing.cluster.tokens(), [])
  await undo()
  t.match(await machine.server.claim(), { attempt: 1 })
})
