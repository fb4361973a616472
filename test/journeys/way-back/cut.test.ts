import type { UnguardedCluster } from '@joinery/server/testing/cluster'
import { WritableStore } from '@joinery/server/testing/store'
import { playLives } from '@joinery/testing/agents/lives'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import { count, type LostMachine, lostMachine } from '@joinery/testing/pairing/way-back'
import t, { type Test } from 'tap'

const shown = ({ operator }: Pairing) => operator.show('worker-1')
const ownCsrs = async ({ cluster }: Pairing) =>
  (await cluster.kubeletCsrs()).filter(({ name }) => name.startsWith('joinery-'))

type When = 'before' | 'after'
const moments: readonly When[] = ['before', 'after']

/**
 * A server whose store can be cut. `dies`: the process dies with the next commit of entries that `act` causes, before it is durable or
 * after, answers nobody, and starts again.
 */
const withCutCommits = async (t: Test) => {
  let armed: When | undefined
  const pairing = await openPairing(t, {}, undefined, (container) => {
    const store = container.resolve(WritableStore)
    const real = store.commit.bind(store)
    const cut: WritableStore['commit'] = async (change) => {
      // what the server writes by itself tells nothing
      const when = change.entries === undefined ? undefined : armed
      if (when !== undefined) armed = undefined
      const result = when === 'before' ? undefined : await real(change)
      if (when !== undefined) throw new Error('the power was cut')
      return result as Awaited<ReturnType<WritableStore['commit']>>
    }
    Object.assign(store, { commit: cut })
  })
  const dies = async (when: When, act: () => Promise<unknown>, look: () => Promise<unknown> = async () => {}) => {
    armed = when
    await t.rejects(act(), { code: 'internal' })
    await look()
    await pairing.restart()
  }
  return { pairing, dies }
}

type Dies = (act: () => Promise<unknown>, look?: () => Promise<unknown>) => Promise<void>

/** Plays a machine that lost its certificate. `dies` cuts the server before and after it has written what `act` causes. */
const cutInCommits = (
  name: string,
  play: (t: Test, pairing: Pairing, lost: LostMachine, dies: Dies) => Promise<void>
) =>
  t.test(name, (t) =>
    playLives(
      t,
      moments,
      (moments) => `the server dies ${moments} it is written`,
      async (t, left) => {
        const { pairing, dies } = await withCutCommits(t)
        await play(t, pairing, await lostMachine(pairing), async (act, look) => {
          for (const when of left) await dies(when, act, look)
          left.clear()
        })
      }
    )
  )

cutInCommits(
  'a server that dies around an ask takes the ask when it comes again, once',
  async (t, pairing, lost, dies) => {
    await dies(() => lost.ask())
    t.match(await lost.ask(), { recovery: { state: 'waiting' } })
    t.match(
      await lost.ask({ current: count('1'), next: count('2') }),
      { recovery: { state: 'waiting' } },
      'and counts on'
    )
    t.equal((await shown(pairing)).timeline.filter(({ event }) => event === 'recover').length, 2)
  }
)

cutInCommits('a server that dies around an approval approves once', async (t, pairing, lost, dies) => {
  await lost.ask()
  const { revision, key } = await shown(pairing)
  await dies(() => pairing.operator.approve('worker-1', { revision, key }))
  await pairing.operator.approve('worker-1', { revision, key })
  t.match(await lost.ask(), { recovery: { state: 'approved' } })
  t.equal((await shown(pairing)).timeline.filter(({ event }) => event === 'approve').length, 2, 'with that of the join')
})

cutInCommits('a server that dies around a claim opens one attempt', async (t, pairing, lost, dies) => {
  await lost.ask()
  await approve(pairing, 'worker-1')
  const look = async () => t.same(await ownCsrs(pairing), [], 'nothing is made before its attempt is durable')
  await dies(() => lost.claim(), look)
  await lost.comeBack(await lost.renew(await lost.claim()))
  t.match(await shown(pairing), { state: 'ready', confirmed: true, attempts: [{ number: 1 }, { number: 2 }] })
})

cutInCommits('a server that dies around a refusal alerts once', async (t, pairing, lost, dies) => {
  const { facts } = lost.machine
  const ask = () => lost.ask({ facts: { ...facts, machineId: 'e'.repeat(32) } })
  await dies(ask)
  t.equal(await refusedWith(ask()), 'recovery-refused')
  t.equal((await pairing.operator.status()).alerts.count, 1)
})

cutInCommits('a server that dies around a freeze stays frozen', async (t, pairing, lost, dies) => {
  await lost.ask()
  await dies(() => lost.ask({ next: count('9') }))
  t.equal(await refusedWith(lost.ask({ next: count('9') })), 'recovery-refused')
  t.match(await shown(pairing), { state: 'ready', recovery: { state: 'frozen' } })
  t.equal((await pairing.operator.status()).alerts.count, 1)
})

/** Cuts the server's power once, when it is about to make that call to the cluster, or has made it. */
const cutPower = ({ cluster }: Pairing, call: 'createOwnCsr' | 'approveCsr' | 'deleteOwnCsr', when: When): void => {
  const real = cluster[call] as (...args: unknown[]) => Promise<unknown>
  Object.assign(cluster, {
    [call]: async (...args: unknown[]) => {
      Object.assign(cluster, { [call]: real })
      if (when === 'after') await real(...args)
      throw new Error('the power was cut')
    }
  } satisfies Partial<Record<keyof UnguardedCluster, unknown>>)
}

t.test('a server that dies around a call of a claim gives the certificate at the next claim', (t) =>
  playLives(
    t,
    ['before createOwnCsr', 'after createOwnCsr', 'before approveCsr', 'after approveCsr'] as const,
    (moments) => `the server dies ${moments}`,
    async (t, left) => {
      const pairing = await openPairing(t)
      const lost = await lostMachine(pairing)
      await lost.ask()
      await approve(pairing, 'worker-1')
      for (const moment of left) {
        const [when, call] = moment.split(' ') as [When, 'createOwnCsr' | 'approveCsr']
        cutPower(pairing, call, when)
        await t.rejects(lost.claim(), { code: 'internal' })
        await pairing.restart()
        left.delete(moment)
      }
      await lost.comeBack(await lost.renew(await lost.claim()))
      t.match(await shown(pairing), { state: 'ready', confirmed: true })
      t.same(await ownCsrs(pairing), [])
    }
  )
)

for (const when of moments) {
  t.test(`a server that dies ${when} it has deleted its own request deletes it with the next pass`, async (t) => {
    const pairing = await openPairing(t)
    const lost = await lostMachine(pairing)
    await lost.ask()
    await approve(pairing, 'worker-1')
    await lost.claim()
    cutPower(pairing, 'deleteOwnCsr', when)
    await pairing.operator.reject('worker-1', { reason: 'no' })
    await pairing.restart()
    await pairing.reconcile()
    t.same(await ownCsrs(pairing), [])
    t.equal((await shown(pairing)).state, 'ready')
  })
}

t.test('the same ask twice at once is one ask, and two that differ are one machine and one freeze', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  const both = await Promise.all([lost.ask(), lost.ask()])
  for (const one of both) t.match(one, { recovery: { state: 'waiting' } })
  t.equal((await shown(pairing)).timeline.filter(({ event }) => event === 'recover').length, 1)
  const twins = await Promise.all(
    ['2', '3'].map((digit) => refusedWith(lost.ask({ current: count('1'), next: count(digit) })))
  )
  t.same(twins, [undefined, undefined], 'each names a value that the machine may have')
  const after = await Promise.all(
    ['2', '3'].map((digit) => refusedWith(lost.ask({ current: count(digit), next: count('4') })))
  )
  t.ok(after.includes('recovery-refused'), 'and one of them is found out with its next ask')
  t.match(await shown(pairing), { recovery: { state: 'frozen' } })
})

t.test('two claims at once open one attempt, and get one certificate', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await approve(pairing, 'worker-1')
  const [one, other] = await Promise.all([lost.claim(), lost.claim()])
  t.same(one, other)
  t.equal((await shown(pairing)).attempts.length, 2)
})

t.test('an operator who rejects while the machine claims leaves no request behind', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await approve(pairing, 'worker-1')
  await Promise.allSettled([lost.claim(), pairing.operator.reject('worker-1', { reason: 'no' })])
  await pairing.reconcile()
  t.match(await shown(pairing), { state: 'ready', recovery: { state: 'refused' } })
  t.same(await ownCsrs(pairing), [])
  t.equal(await refusedWith(lost.claim()), 'illegal-event')
})

t.test('a request that is made late, after the attempt has ended, is deleted', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await lost.ask()
  await approve(pairing, 'worker-1')
  const { cluster } = pairing
  const real = cluster.createOwnCsr
  let late: (() => Promise<unknown>) | undefined
  cluster.createOwnCsr = async (csr) => {
    cluster.createOwnCsr = real
    late = () => real(csr)
    throw new Error('no answer')
  }
  await t.rejects(lost.claim(), { code: 'internal' })
  await pairing.operator.reject('worker-1', { reason: 'no' })
  await late?.()
  t.equal((await ownCsrs(pairing)).length, 1, 'it came late')
  await pairing.reconcile()
  t.same(await ownCsrs(pairing), [])
})

t.test('a cluster that does not answer leaves everything as it is', async (t) => {
  const pairing = await openPairing(t)
  const lost = await lostMachine(pairing)
  await pairing.cluster.goDown()
  t.equal(await refusedWith(lost.ask()), 'cluster-unavailable')
  t.equal((await shown(pairing)).state, 'ready')
  await pairing.cluster.comeBack()
  t.match(await lost.ask(), { recovery: { state: 'waiting' } })
})
