import { X509Certificate } from 'node:crypto'
import { fingerprint } from '@joinery/protocol'
import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, says } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approved, askForCertificate, claimToken, refusedWith, register } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

const minute = 60_000

t.test('over the bound an approved machine waits for its turn, and nothing of it is spent', async (t) => {
  const pairing = await openPairing(t, { joinsAtOnce: 1 })
  const first = await approved(pairing, 'worker-1')
  const second = await approved(pairing, 'worker-2')
  await claimToken(first)
  const before = (await pairing.operator.show('worker-2')).revision
  for (let time = 0; time < 3; time += 1) t.equal(await refusedWith(second.server.claim()), 'joins-full')
  const shown = await pairing.operator.show('worker-2')
  t.match(shown, { state: 'approved', revision: before, attempts: { length: 0 } })
  t.match(shown.message, /^approved, waits for its turn: 1 of 1 machines join$/)
  t.equal((await pairing.cluster.tokens()).length, 1, 'no token was made for it')
  t.match((await pairing.operator.status()).joins, { now: 1, atMost: 1, joinsAtOnce: 1, waiting: 1 })
  await claimToken(first)
  t.match((await pairing.operator.show('worker-1')).attempts.length, 1, 'a repeated claim waits for no place')
})

t.test('of racers for the last place one wins', async (t) => {
  const pairing = await openPairing(t, { joinsAtOnce: 2 })
  const machines = []
  for (const name of ['a', 'b', 'c', 'd']) machines.push(await approved(pairing, name))
  const answers = await Promise.all(machines.map(async ({ server }) => (await refusedWith(server.claim())) ?? 'joins'))
  t.same(answers.sort(), ['joins', 'joins', 'joins-full', 'joins-full'])
  t.equal((await pairing.cluster.tokens()).length, 2)
})

t.test(
  'a restart of the server keeps the bound, and who claims and stalls holds its place until its deadline',
  async (t) => {
    const pairing = await openPairing(t, { joinsAtOnce: 1 })
    const stalls = await approved(pairing, 'worker-1')
    const waits = await approved(pairing, 'worker-2')
    const { token } = await claimToken(stalls)
    await pairing.restart()
    t.equal((await claimToken(stalls)).token, token, 'an answer that was lost is given again')
    t.equal(await refusedWith(waits.server.claim()), 'joins-full')
    pairing.clock.advance(10 * minute - 10_000)
    t.equal(await refusedWith(waits.server.claim()), 'joins-full')
    pairing.clock.advance(10_000)
    await claimToken(waits)
    t.equal((await pairing.operator.show('worker-2')).state, 'joining')
  }
)

t.test('a claim that ended before its commit holds no place', async (t) => {
  const pairing = await openPairing(t, { joinsAtOnce: 1 })
  const [first, second] = [await approved(pairing, 'worker-1'), await approved(pairing, 'worker-2')]
  const served = pairing.cluster.overload({ status: 503, message: 'etcd is away' })
  t.equal(await refusedWith(first.server.claim()), 'cluster-unavailable')
  served()
  t.match((await pairing.operator.status()).joins, { now: 0 })
  await claimToken(second)
})

t.test('a poll ends when the turn has come: a place is free at Ready, and by a rejection', async (t) => {
  const pairing = await openPairing(t, { joinsAtOnce: 1 })
  const first = await approved(pairing, 'worker-1')
  const second = await approved(pairing, 'worker-2')
  await claimToken(first)
  t.equal(await refusedWith(second.server.claim()), 'joins-full')
  const { revision } = (await second.server.wait(0, 0, new AbortController().signal)) ?? { revision: 0 }
  const poll = second.server.wait(revision, 50, new AbortController().signal)
  await eventually('it polls', async () => (await pairing.operator.status()).joins?.waiting === 1)
  await pairing.operator.reject('worker-1', { reason: 'no' })
  t.equal(await poll, undefined, 'nothing changed, and it was told to come')
  await claimToken(second)
})

t.test('a Ready machine holds no place', async (t) => {
  const pairing = await openPairing(t, { joinsAtOnce: 1 })
  await ready(pairing, 'worker-1')
  await ready(pairing, 'worker-2')
  t.match((await pairing.operator.status()).joins, { now: 0, waiting: 0 })
})

t.test('fewer join at once while the API server has too much to do, and more again after that', async (t) => {
  const pairing = await openPairing(t, { joinsAtOnce: 4 })
  // the bound grows by the clock: a busy host gives it no window that the test does not
  pairing.clock.hold()
  const bound = async () => (await pairing.operator.status()).joins?.atMost
  const later = async () => {
    pairing.clock.advance(5_000)
    await pairing.reconcile().catch(() => undefined)
  }
  t.equal(await bound(), 4)
  const quick = pairing.cluster.slowDown()
  await later()
  t.equal(await bound(), 2)
  quick()
  const served = pairing.cluster.overload({ status: 429, message: 'too many requests' })
  await later()
  t.equal(await bound(), 1)
  served()
  const [one, two, three] = [
    await approved(pairing, 'worker-1'),
    await approved(pairing, 'worker-2'),
    await approved(pairing, 'worker-3')
  ]
  // a request of the server that is refused after the last look counts at the next one
  await eventually('two may join', async () => {
    if ((await bound()) === 2) return true
    await later()
    return false
  })
  await claimToken(one)
  await claimToken(two)
  t.equal(await refusedWith(three.server.claim()), 'joins-full')
  const { joins, remedies } = await pairing.operator.status()
  t.match(joins, { now: 2, atMost: 2, joinsAtOnce: 4, waiting: 1 })
  t.match(remedies?.join('\n'), /2 instead of 4 machines may join at once, and 1 wait/)
  await later()
  await claimToken(three)
})

/** A machine that joins as an agent and its kubelet do, and polls until its turn has come. Returns how often it was told to wait. */
const comeIn = async (pairing: Pairing, { server, facts }: TestMachine, name: string): Promise<number> => {
  const never = new AbortController().signal
  const { revision } = (await server.wait(0, 0, never)) ?? { revision: 0 }
  let waited = 0
  while ((await refusedWith(server.claim())) === 'joins-full') {
    waited += 1
    await server.wait(revision, 50, never)
  }
  const { token } = await claimToken({ server } as TestMachine)
  const { csr, key } = await askForCertificate(pairing, token, name)
  const certificate = await register(pairing, { server, facts } as TestMachine, name, csr, key)
  await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', '')
  const { publicKey, serialNumber: serial } = new X509Certificate(certificate)
  await server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  return waited
}

t.test('sixty machines that were approved at once are all Ready in the end, five at a time', async (t) => {
  const pairing = await openPairing(t, { joinsAtOnce: 5 })
  const names = Array.from({ length: 60 }, (_, index) => `worker-${index + 1}`)
  const machines: [string, TestMachine][] = []
  for (const name of names) machines.push([name, await approved(pairing, name)])
  let most = 0
  let isOver = false
  const watched = (async () => {
    const pause = shortSleep(20)
    for (; !isOver; await pause(20)) most = Math.max(most, (await pairing.operator.status()).joins?.now ?? 0)
  })()
  const waited = await Promise.all(machines.map(([name, machine]) => comeIn(pairing, machine, name)))
  isOver = true
  await watched
  t.ok(most > 1 && most <= 5, `at most ${most} joined at once`)
  t.ok(waited.filter((times) => times > 0).length >= 40, 'most had to wait')
  await eventually('all are Ready', async () => (await pairing.operator.status()).enrolments.ready === 60)
  // the line is looked at a moment after each commit
  await eventually('nobody waits', async () => (await pairing.operator.status()).joins?.waiting === 0)
  t.match((await pairing.operator.status()).joins, { now: 0, waiting: 0 })
  for (const { attempts, name } of (await pairing.operator.list()).items) t.equal(attempts.length, 1, name)
})

t.test('an agent says that it waits for its turn, and joins when the turn has come', async (t) => {
  const pairing = await openPairing(t, { joinsAtOnce: 1 })
  const stalls = await approved(pairing, 'worker-1')
  await claimToken(stalls)
  const open = await openWithCode(t, pairing, 'worker-2')
  const agent = open.start()
  await approvePending(pairing, open)
  await says(open, /^approved: waits for its turn: 1 of 1 machines join$/)
  await pairing.operator.reject('worker-1', { reason: 'it stalls' })
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
})
