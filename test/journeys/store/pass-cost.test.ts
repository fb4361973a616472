import { AsyncLocalStorage } from 'node:async_hooks'
import { attemptLifetimes, ProblemError, silenceLimit } from '@joinery/protocol'
import { Reconciler } from '@joinery/server/testing/reconcile'
import { type EnrolmentDocument, WritableStore } from '@joinery/server/testing/store'
import { eventually } from '@joinery/testing/clocks/eventually'
import { anEnrolment } from '@joinery/testing/documents/enrolment'
import { joined, ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { askForCertificate, claimed } from '@joinery/testing/pairing/steps'
import type { Test } from 'tap'
import t from 'tap'

/** A server whose reads of whole enrolments are counted. `read`: the names that one more pass reads. */
const counted = async (t: Test) => {
  // the views, and a pass that the server makes by itself, read as well
  const ownPass = new AsyncLocalStorage<string[]>()
  let kept: WritableStore | undefined
  const note = <T extends EnrolmentDocument | undefined>(enrolment: T): T => {
    if (enrolment !== undefined) ownPass.getStore()?.push(enrolment.name)
    return enrolment
  }
  const pairing = await openPairing(t, {}, undefined, (container) => {
    const store = container.resolve(WritableStore)
    kept = store
    const counting: Partial<WritableStore> = {
      enrolment: async (id) => note(await store.enrolment(id)),
      enrolments: async (...which) => (await store.enrolments(...which)).map(note),
      enrolmentsByName: async (name) => (await store.enrolmentsByName(name)).map(note)
    }
    container.register(WritableStore, { useValue: { ...store, ...counting } })
  })
  /** `soon`: while a credential that was asked for can still come, between two sweeps. */
  const read = async ({ soon = false } = {}): Promise<string[]> => {
    if (!soon) pairing.clock.advance(attemptLifetimes.worker + 11_000)
    // the first pass may have something to do, and the next one finds that it is done
    const pass = soon ? pairing.look : pairing.reconcile
    for (let count = 0; count < 3; count += 1) await pass()
    const names: string[] = []
    await ownPass.run(names, pass)
    return names
  }
  const store = (): WritableStore => {
    if (kept === undefined) throw new Error('it was not started')
    return kept
  }
  return { pairing, read, store }
}

const nobody = anEnrolment('nobody')
const reject = ({ operator }: Pairing, name: string) => operator.reject(name, { reason: 'the wrong machine' })
const down = async () => {
  throw new ProblemError('cluster-unavailable', { detail: 'the network is down' })
}

t.test('a pass reads neither ready enrolments without a change nor settled ones', async (t) => {
  const { pairing, read } = await counted(t)
  await ready(pairing, 'worker-1')
  await claimed(pairing, 'worker-2')
  await reject(pairing, 'worker-2')
  await ready(pairing, 'worker-3')
  await pairing.operator.remove('worker-3')
  t.same(await read(), [])
  await pairing.restart()
  t.same(await read(), [], 'nor after a restart, once it has looked')
})

t.test('a pass does not read a ready enrolment whose deleted token can still come', async (t) => {
  const { pairing, read } = await counted(t)
  await ready(pairing, 'worker-1')
  t.same(await read({ soon: true }), [])
  await pairing.reconcile()
  t.same(await read({ soon: true }), [], 'nor after the sweep, which deletes it once more')
})

t.test('a ready enrolment is read again only after a relevant change', async (t) => {
  const { pairing, read } = await counted(t)
  await ready(pairing, 'worker-1')
  t.same(await read(), [])
  await pairing.cluster.setNodeReady('worker-1', 'False', 'KubeletNotReady', 'PLEG is not healthy')
  await eventually('it is seen', async () => (await pairing.operator.show('worker-1')).node?.condition === 'NotReady')
  t.same(await read(), [])
  await pairing.cluster.deleteNodeAsAdmin('worker-1')
  await eventually('it is seen', async () => (await pairing.operator.show('worker-1')).node?.condition === 'Gone')
  t.same(await read(), [])
})

t.test('a request by a token of an enrolment that was settled unseen is denied', async (t) => {
  const { pairing, read } = await counted(t)
  const { token } = await claimed(pairing, 'worker-1')
  const list = pairing.cluster.kubeletCsrs
  pairing.cluster.kubeletCsrs = async () => []
  const { csr } = await askForCertificate(pairing, token, 'worker-1')
  await reject(pairing, 'worker-1')
  t.same(await read(), [], 'it is settled')
  pairing.cluster.kubeletCsrs = list
  await pairing.restart()
  await pairing.reconcile()
  t.match(await pairing.cluster.csr(csr), { approved: false, denied: true })
  const { timeline } = await pairing.operator.show('worker-1')
  t.equal(timeline.filter(({ event }) => event === 'csr-left').length, 1)
  t.same(await read(), [])
  const alerts = (await pairing.operator.status()).alerts.last.map(({ event }) => event)
  t.notOk(alerts.includes('outside-certificate'), 'and it is known for one of ours')
})

t.test('a token that could not be deleted keeps its enrolment in sight until it is gone', async (t) => {
  const { pairing, read, store } = await counted(t)
  await claimed(pairing, 'worker-1')
  const { deleteToken } = pairing.cluster
  pairing.cluster.deleteToken = down
  await reject(pairing, 'worker-1')
  t.match(await read(), ['worker-1'])
  pairing.cluster.deleteToken = deleteToken
  await pairing.restart()
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
  t.same(await read(), [])
  t.match(await store().enrolmentsByName('worker-1'), [{ settled: true }])
})

t.test('a ban that could not be written keeps a removed machine in sight until it is', async (t) => {
  const { pairing, read } = await counted(t)
  const one = await ready(pairing, 'worker-1')
  const { ban } = pairing.cluster
  pairing.cluster.ban = down
  await pairing.operator.remove('worker-1')
  t.match(await read(), ['worker-1'])
  pairing.cluster.ban = ban
  await pairing.restart()
  await pairing.reconcile()
  const { machineId } = one.machine.facts
  const back = { name: 'worker-1', certificate: one.certificate, key: one.key, machineId, systemUuid: machineId }
  await t.rejects(pairing.cluster.registerNode(back), { message: /removed by Joinery/ })
})

t.test('a Node of an ended enrolment is deleted whenever it comes, also after a restart', async (t) => {
  const { pairing, read } = await counted(t)
  const one = await ready(pairing, 'worker-1')
  await pairing.operator.remove('worker-1')
  t.same(await read(), [])
  await pairing.restart()
  await pairing.cluster.unban('worker-1')
  const { machineId } = one.machine.facts
  const back = { name: 'worker-1', certificate: one.certificate, key: one.key, machineId, systemUuid: machineId }
  await pairing.cluster.registerNode(back)
  await pairing.reconcile()
  t.same(await pairing.cluster.nodes(), [])
  t.match((await pairing.operator.show('worker-1')).timeline.at(-1), { event: 'unwanted-node', alert: true })
  t.same(await read(), [])
})

t.test('a failed and settled machine joins if its Node comes late', async (t) => {
  const { pairing, read } = await counted(t)
  const { machine, token } = await claimed(pairing, 'worker-1')
  const { csr, key } = await askForCertificate(pairing, token, 'worker-1')
  const certificate = await eventually('it is issued', async () => (await pairing.cluster.csr(csr))?.certificate)
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    if (attempt > 1) await machine.server.claim()
    await machine.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: '', output: [] })
  }
  t.same(await read(), [])
  const { machineId } = machine.facts
  await pairing.cluster.registerNode({ name: 'worker-1', certificate, key, machineId, systemUuid: machineId })
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'joined' })
})

t.test('a joined machine that is not Ready does not cause a look each second for ever', async (t) => {
  let reconciler: Reconciler | undefined
  const pairing = await openPairing(t, {}, undefined, (container) => {
    reconciler = container.resolve(Reconciler)
  })
  t.equal(await reconciler?.busy(), false)
  await claimed(pairing, 'worker-2')
  t.equal(await reconciler?.busy(), true, 'it joins')
  await reject(pairing, 'worker-2')
  await joined(pairing, 'worker-1')
  await pairing.cluster.setNodeReady('worker-1', 'False', 'KubeletNotReady', 'no network plugin')
  await pairing.reconcile()
  t.equal(await reconciler?.busy(), true, 'it has just joined')
  pairing.clock.advance(silenceLimit)
  t.equal(await reconciler?.busy(), false)
})

t.test('the next pass settles an enrolment of an earlier version', async (t) => {
  const { pairing, read, store } = await counted(t)
  await claimed(pairing, 'worker-1')
  await reject(pairing, 'worker-1')
  await read()
  const [{ settled, ...old } = nobody] = await store().enrolmentsByName('worker-1')
  t.equal(settled, true)
  t.equal(await store().commit({ enrolments: [old] }), 'committed')
  t.equal((await store().unsettled()).length, 1)
  t.same(await read(), [])
  t.same(await store().unsettled(), [])
})
