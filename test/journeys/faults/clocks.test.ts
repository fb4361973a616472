import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approved, askForCertificate, claimToken, register } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const hour = 3_600_000
const attemptLasts = 600_000
const name = 'worker-1'

const stateOf = async ({ operator }: Pairing) => (await operator.show(name)).state
const settings = async ({ operator }: Pairing) =>
  (await operator.show(name)).timeline.filter(({ event }) => event === 'clock-set').map(({ detail }) => detail)

/** The open attempt lasts for the rest of its time, of which `passed` is over, and no longer. */
const endsInItsTime = async (t: Test, pairing: Pairing, passed = 0) => {
  pairing.clock.advance(attemptLasts - passed - 20_000)
  await pairing.reconcile()
  t.equal(await stateOf(pairing), 'joining', 'a moment before its end')
  t.equal((await pairing.cluster.tokens()).length, 1)
  pairing.clock.advance(20_000)
  await pairing.reconcile()
  t.match(await pairing.operator.show(name), { state: 'approved', message: /attempt 1 failed: no Node until/ })
  t.same(await pairing.cluster.tokens(), [])
}

const skews = [
  ['one hour behind', -hour],
  ['one hour ahead of', hour]
] as const
for (const [how, ahead] of skews) {
  t.test(`if the clock is ${how} the API server's, a machine gets a good token, and joins`, async (t) => {
    const pairing = await openPairing(t)
    pairing.clock.setAhead(ahead)
    const machine = await approved(pairing)
    const { token } = await claimToken(machine)
    const { expiration } = (await pairing.cluster.tokenData(token.slice(0, 6))) ?? {}
    const left = Date.parse(expiration ?? '') - pairing.clock.right().getTime()
    t.ok(left > attemptLasts - 30_000 && left <= attemptLasts + 1000, `for ${left} ms`)
    const { csr, key } = await askForCertificate(pairing, token, name)
    await pairing.reconcile()
    t.match(await pairing.cluster.csr(csr), { approved: true })
    await register(pairing, machine, name, csr, key)
    await pairing.reconcile()
    t.equal(await stateOf(pairing), 'joined')
  })

  t.test(`if the clock is ${how} the API server's, an attempt ends in time`, async (t) => {
    const pairing = await openPairing(t)
    pairing.clock.hold()
    pairing.clock.setAhead(ahead)
    await claimToken(await approved(pairing))
    await endsInItsTime(t, pairing)
    t.same(await settings(pairing), [], 'nobody set it meanwhile')
  })
}

const changes = [
  ['set back by an hour', 0, -hour, '-3600 s'],
  ['set forward by an hour', 0, hour, '+3600 s'],
  ['an hour ahead, and is right again', hour, 0, '-3600 s'],
  ['an hour behind, and is right again', -hour, 0, '+3600 s']
] as const
for (const [how, before, after, by] of changes) {
  t.test(`a clock that is ${how} while a machine joins changes nothing of its attempt`, async (t) => {
    const pairing = await openPairing(t)
    pairing.clock.hold()
    pairing.clock.setAhead(before)
    const machine = await approved(pairing)
    const { token } = await claimToken(machine)
    pairing.clock.advance(60_000)
    pairing.clock.setAhead(after)
    await pairing.reconcile()
    t.match(await settings(pairing), [new RegExp(`^\\${by}; attempt 1 ends at `)], 'it is told once')
    t.match(await claimToken(machine), { attempt: 1, token })
    const { csr } = await askForCertificate(pairing, token, name)
    await pairing.reconcile()
    t.match(await pairing.cluster.csr(csr), { approved: true })
    await endsInItsTime(t, pairing, 60_000)
    t.equal((await settings(pairing)).length, 1)
  })

  t.test(`a clock that is ${how} while the server is off changes nothing of an attempt`, async (t) => {
    const pairing = await openPairing(t)
    pairing.clock.hold()
    pairing.clock.setAhead(before)
    await claimToken(await approved(pairing))
    pairing.clock.advance(60_000)
    pairing.clock.setAhead(after)
    await pairing.restart()
    await endsInItsTime(t, pairing, 60_000)
    t.match(await settings(pairing), [new RegExp(`^\\${by}; `)])
  })
}

t.test('a server that starts with a clock set back, and without the cluster, lengthens no attempt', async (t) => {
  const pairing = await openPairing(t)
  pairing.clock.hold()
  await claimToken(await approved(pairing))
  pairing.clock.setAhead(-hour)
  const { now } = pairing.cluster
  pairing.cluster.now = () => undefined
  await pairing.cluster.goDown()
  await pairing.restart()
  await pairing.reconcile()
  pairing.clock.advance(attemptLasts - 20_000)
  await pairing.reconcile()
  t.equal(await stateOf(pairing), 'joining')
  pairing.clock.advance(20_000)
  await pairing.reconcile()
  t.equal(await stateOf(pairing), 'approved')
  pairing.cluster.now = now
  await pairing.cluster.comeBack()
  await pairing.reconcile()
  t.same(await pairing.cluster.tokens(), [])
})

t.test('the probes of policies go by the clock of the API server', async (t) => {
  const asked: number[] = []
  const pairing = await openPairing(t, {}, async (cluster) => {
    const { policyGaps } = cluster
    cluster.policyGaps = async (policy, rights, now) => {
      asked.push(now.getTime())
      return policyGaps(policy, rights, now)
    }
  })
  pairing.clock.setAhead(hour)
  asked.length = 0
  await pairing.reconcile()
  const right = pairing.clock.right().getTime()
  t.ok(asked.length > 0)
  for (const now of asked) t.ok(Math.abs(now - right) < 60_000, new Date(now).toISOString())
})

t.test('status and log say how much and which way the clocks differ, and what to do', async (t) => {
  const pairing = await openPairing(t)
  await pairing.reconcile()
  t.notOk((await pairing.operator.status()).cluster.clockAhead)
  const said = () => pairing.log.match(/the clock of this host is [^"]*/g) ?? []
  const cases = [
    [-hour, /^Clocks differ: the clock of this host is 3600 s behind the API server's; .*timedatectl set-ntp true$/],
    [hour, /^Clocks differ: the clock of this host is 3600 s ahead of the API server's; .*timedatectl set-ntp true$/]
  ] as const
  for (const [ahead, remedy] of cases) {
    pairing.clock.setAhead(ahead)
    await pairing.reconcile()
    await pairing.reconcile()
    const { cluster, remedies } = await pairing.operator.status()
    t.equal(cluster.clockAhead, ahead / 1000, `${ahead} ms ahead`)
    t.match(remedies, [remedy], `${ahead} ms ahead`)
  }
  t.match(said(), [/3600 s behind/, /3600 s ahead of/])
  t.equal(said().length, 2)
  pairing.clock.setAhead(0)
  await pairing.reconcile()
  t.match(pairing.log, /agree again/)
  t.same((await pairing.operator.status()).remedies, [])
})
