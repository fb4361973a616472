import { randomUUID } from 'node:crypto'
import { eventually } from '@joinery/testing/clocks/eventually'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** Counts how often the server lists the requests for certificates of the cluster. */
const countLists = ({ cluster }: Pairing) => {
  const list = cluster.kubeletCsrs.bind(cluster)
  let lists = 0
  cluster.kubeletCsrs = () => {
    lists += 1
    return list()
  }
  return () => lists
}

t.test('a key without an enrolment never makes the server look at the cluster', async (t) => {
  const pairing = await openPairing(t)
  const stranger = await pairing.machine()
  const lists = countLists(pairing)
  for (let time = 0; time < 50; time += 1) {
    t.equal(await refusedWith(stranger.server.progress({ attempt: 1, stage: 'a' })), 'not-found', `time ${time}`)
  }
  // of its start, or of a full minute
  t.ok(lists() <= 2, `${lists()} lists`)
})

t.test('a report without a change does not make the server look at the cluster', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const lists = countLists(pairing)
  for (let time = 0; time < 20; time += 1) await machine.server.progress({ attempt: 1, stage: randomUUID() })
  t.ok(lists() <= 2, `${lists()} lists while it is pending`)
})

t.test('a claim whose token could not be made still makes the server look at the cluster', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  await approve(pairing, 'worker-1')
  const lists = countLists(pairing)
  const unban = pairing.cluster.unban.bind(pairing.cluster)
  pairing.cluster.unban = () => Promise.reject(new Error('the network is down'))
  t.equal(await refusedWith(machine.server.claim()), 'internal')
  pairing.cluster.unban = unban
  await claimToken(machine)
  await eventually('a look at the cluster', () => lists() > 0)
  t.pass('by a pass that nobody else caused')
})
