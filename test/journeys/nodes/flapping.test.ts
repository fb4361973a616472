import { X509Certificate } from 'node:crypto'
import { fingerprint } from '@joinery/protocol'
import { budgets } from '@joinery/server/testing/base'
import { countCommits } from '@joinery/testing/pairing/count-commits'
import { joined, ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import t from 'tap'

const name = 'worker-1'

/** The kubelet says it, and the server looks. */
const say = async (pairing: Pairing, ready: 'True' | 'False', message = '') => {
  await pairing.cluster.setNodeReady(name, ready, 'KubeletNotReady', message)
  await pairing.reconcile()
}

const conditions = async ({ operator }: Pairing) =>
  (await operator.show(name)).timeline.filter(({ event }) => event === 'node-condition')

t.test('a Node that flaps has one entry, with its count and both times', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  const before = await conditions(pairing)
  for (let time = 0; time < 3; time += 1) {
    pairing.clock.advance(60_000)
    await say(pairing, 'False', `PLEG is not healthy ${time}`)
    pairing.clock.advance(60_000)
    await say(pairing, 'True')
  }
  const [flap, ...others] = (await conditions(pairing)).slice(before.length)
  t.same(others, [])
  t.match(flap, { count: 6, detail: 'Ready, after NotReady KubeletNotReady: PLEG is not healthy 2', alert: false })
  t.equal(Date.parse(flap?.last ?? '') - Date.parse(flap?.at ?? '') >= 300_000, true)

  pairing.clock.advance(15 * 60_000)
  await say(pairing, 'False', 'of another day')
  t.match(
    (await conditions(pairing)).at(-1),
    { count: undefined, detail: /of another day/ },
    'what comes later is told apart'
  )
  t.equal((await conditions(pairing)).length, before.length + 2)
})

t.test('a kubelet that flips very fast makes few commits, and its last condition is known', async (t) => {
  const { pairing, commits } = await countCommits(t)
  pairing.clock.hold()
  await ready(pairing, name)
  const before = commits()
  for (let time = 0; time < 100; time += 1) await say(pairing, time % 2 === 0 ? 'False' : 'True', `flip ${time}`)
  const { burst, each } = budgets.nodeConditions
  t.ok(commits() - before <= burst + 1, `${commits() - before} commits`)
  await say(pairing, 'False', 'at last')
  pairing.clock.advance(each)
  await pairing.reconcile()
  t.match((await pairing.operator.show(name)).node, { condition: 'NotReady', message: /at last/ })
})

t.test('a kubelet that only changes its words very fast makes few commits', async (t) => {
  const { pairing, commits } = await countCommits(t)
  pairing.clock.hold()
  await ready(pairing, name)
  const before = commits()
  for (let time = 0; time < 100; time += 1) await say(pairing, 'False', `words ${time}`)
  t.ok(commits() - before <= budgets.nodeConditions.burst + 1, `${commits() - before} commits`)
})

t.test('a Node that flapped while it joined is still ready at once', async (t) => {
  const pairing = await openPairing(t)
  const { machine, certificate } = await joined(pairing, name)
  for (let time = 0; time <= 2 * budgets.nodeConditions.burst; time += 1) {
    await say(pairing, time % 2 === 0 ? 'False' : 'True', `flip ${time}`)
  }
  const { publicKey, serialNumber: serial } = new X509Certificate(certificate)
  await machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  await say(pairing, 'True')
  t.match(await pairing.operator.show(name), { state: 'ready', node: { condition: 'Ready' } })
})

t.test('a text of a kubelet about its Node is cut at 1 KB everywhere', async (t) => {
  const pairing = await openPairing(t)
  await ready(pairing, name)
  await say(pairing, 'False', 'x'.repeat(100_000))
  const shown = await pairing.operator.show(name)
  t.ok(Buffer.byteLength(shown.node?.message ?? '') <= 1_100, `${shown.node?.message.length}`)
  for (const { event, detail } of shown.timeline) t.ok(Buffer.byteLength(detail) <= 1_100, event)
  t.ok(pairing.log.length < 20_000, 'the log too')
})
