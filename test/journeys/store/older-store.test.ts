import { randomBytes } from 'node:crypto'
import { cp, readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { ProblemError } from '@joinery/protocol'
import { readStateKeys, sealGeneration } from '@joinery/server/testing/generation'
import { rotateKeys } from '@joinery/server/testing/rotation'
import { noteAsCopy, notedGeneration } from '@joinery/testing/cluster/generation'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, approved, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import type { Test } from 'tap'
import t from 'tap'

// servers that start again and again, on a machine that has more to do
t.setTimeout(120_000)

/** A copy of the state folder, as a snapshot of the disk has it; `restart` goes on with it. Nobody asked `joinery-server` for it. */
const snapshot = async (t: Test, { config }: Pairing, name = 'snapshot'): Promise<string> => {
  const state = join(config.state, '..', name)
  await cp(config.state, state, { recursive: true, filter: (file) => !/joinery\.db|\.new$/.test(file) })
  const source = new DatabaseSync(join(config.state, 'joinery.db'), { readOnly: true })
  t.teardown(() => source.close())
  await backup(source, join(state, 'joinery.db'))
  return state
}

const goBackTo = async (pairing: Pairing, state: string): Promise<void> => {
  pairing.config.state = state
  await pairing.restart()
}

/** Machines and codes of which a snapshot is taken before somebody decides otherwise. */
const changedSince = async (t: Test) => {
  const pairing = await openPairing(t)
  const [stolen, joining, late, later] = [
    await approved(pairing, 'stolen'),
    await approved(pairing, 'joining'),
    await pairing.machine(),
    await pairing.machine()
  ]
  await claimToken(joining)
  const [used, revoked] = [await pairing.code('late'), await pairing.code('later')]
  await pairing.reconcile()
  const state = await snapshot(t, pairing)
  await pairing.operator.reject('stolen', { reason: 'stolen' })
  await late.enrol(used.code)
  await pairing.operator.revokeCode(revoked.id)
  await pairing.reconcile()
  return { pairing, state, stolen, joining, late, later, used, revoked }
}

t.test('a store that went back in time lets nobody in by its word', async (t) => {
  const { pairing, state, stolen, joining, late, later, used, revoked } = await changedSince(t)
  const { operator } = pairing
  const before = await notedGeneration(pairing)
  await goBackTo(pairing, state)
  await pairing.look()
  for (const [machine, name] of [
    [stolen, 'stolen'],
    [joining, 'joining']
  ] as const) {
    t.equal(await refusedWith(machine.server.claim()), 'illegal-event', name)
    const { state, timeline } = await operator.show(name)
    t.equal(state, 'pending', name)
    t.match(timeline.at(-1), { actor: 'server', event: 'restore', detail: /older one than the cluster knows/ }, name)
  }
  t.equal(await refusedWith(late.enrol(used.code)), 'code-revoked')
  t.equal(await refusedWith(later.enrol(revoked.code)), 'code-revoked')
  const said =
    /the store is an older one: it is of generation \d+, and the cluster knows \d+: 2 open codes were revoked, and 2 enrolments/
  t.match(await operator.status(), {
    alerts: {
      count: 1,
      last: [{ subject: 'store', event: 'older-store', detail: said, next: 'joinery approve --restored' }]
    },
    codes: { open: 0 },
    remedies: { length: 0 }
  })
  t.match(pairing.log, said)
  t.ok((await notedGeneration(pairing)) > before, 'the number moved past that of the cluster')

  await approve(pairing, 'joining')
  await pairing.restart()
  await pairing.reconcile()
  t.equal((await operator.show('joining')).state, 'approved', 'it is settled once')
  t.equal((await operator.status()).alerts.count, 1)
  t.match(await claimToken(joining), { nodeName: 'joining', attempt: 2 })
})

t.test('while the cluster does not answer, an older store gives nothing', async (t) => {
  const { pairing, state, stolen, late, used, revoked } = await changedSince(t)
  const { cluster, operator } = pairing
  await cluster.goDown()
  await goBackTo(pairing, state)
  await pairing.look()
  // what is done to it now does not make it newer
  await late.enrol(used.code)
  for (let count = 0; count < 5; count += 1) await operator.revokeCode(revoked.id)
  t.equal(await refusedWith(stolen.server.claim()), 'cluster-unavailable')
  t.equal(await refusedWith(operator.joinCommand({ name: 'by-hand', ttl: 600 })), 'cluster-unavailable')
  await pairing.restart()
  await cluster.comeBack()
  t.equal(await refusedWith(stolen.server.claim()), 'illegal-event')
  t.equal((await operator.status()).codes.open, 0)
  t.match(await operator.show('late'), { state: 'pending' }, 'nobody approved it')
  t.same(await cluster.tokens(), [])
})

t.test('a WAL that lost its end is noticed', async (t) => {
  const pairing = await openPairing(t)
  const { operator, config } = pairing
  await approved(pairing, 'stolen')
  await pairing.reconcile()
  const file = join(config.state, 'joinery.db-wal')
  const whole = (await stat(file)).size
  await operator.reject('stolen', { reason: 'stolen' })
  await pairing.reconcile()
  const torn = join(config.state, '..', 'torn')
  await cp(config.state, torn, { recursive: true, filter: (file) => !/joinery\.(sock|lock)|\.new$/.test(file) })
  t.ok((await stat(file)).size > whole)
  await truncate(join(torn, 'joinery.db-wal'), whole + 100)
  await goBackTo(pairing, torn)
  await pairing.look()
  t.equal((await operator.show('stolen')).state, 'pending')
  t.match((await operator.status()).alerts.last, [{ event: 'older-store' }])
})

t.test('a store without its WAL counts as new, with an alert, and keeps new approvals', async (t) => {
  const pairing = await openPairing(t)
  const { operator, config } = pairing
  await approved(pairing, 'worker-1')
  await pairing.reconcile()
  const bare = join(config.state, '..', 'bare')
  await cp(config.state, bare, { recursive: true, filter: (file) => !/joinery\.db-|\.new$/.test(file) })
  const { generation } = pairing.cluster
  pairing.cluster.generation = async () => Promise.reject(new ProblemError('cluster-unavailable'))
  await goBackTo(pairing, bare)
  await pairing.code('worker-2')
  pairing.cluster.generation = generation
  await pairing.look()
  t.match(await operator.status(), {
    codes: { open: 1 },
    alerts: { count: 1, last: [{ subject: 'store', event: 'new-store', detail: /are not in this one/ }] }
  })
  await pairing.restart()
  await pairing.reconcile()
  t.equal((await operator.status()).alerts.count, 1, 'once')
})

t.test('two servers on one store give nothing by a decision that the other may have undone', async (t) => {
  const pairing = await openPairing(t)
  const { operator, clock } = pairing
  const machine = await approved(pairing, 'worker-1')
  await pairing.reconcile()
  const other = async (ahead: number) => noteAsCopy(pairing, (await notedGeneration(pairing)) + ahead)
  await other(1)
  await pairing.reconcile()
  t.equal((await operator.show('worker-1')).state, 'pending')
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
  const { alerts, remedies } = await operator.status()
  t.match(alerts, {
    count: 1,
    last: [{ event: 'older-store', detail: /a server on a copy of the store raised/ }]
  })
  t.match(remedies, [/systemctl stop joinery-server/])

  for (let count = 0; count < 5; count += 1) {
    clock.advance(60_000)
    await other(5)
    await pairing.reconcile()
  }
  t.equal((await operator.status()).alerts.count, 1, 'what comes again is one alert')
  clock.advance(11 * 60_000)
  await pairing.reconcile()
  t.same((await operator.status()).remedies, [], 'and is over when the other one is gone')
})

t.test('a waiting agent hears at once that its approval is over', async (t) => {
  const pairing = await openPairing(t)
  const machine = await approved(pairing, 'worker-1')
  await pairing.reconcile()
  const gone = new AbortController()
  t.teardown(() => gone.abort())
  const now = await machine.server.wait(0, 0, gone.signal)
  const waits = machine.server.wait(now?.revision ?? 0, 50, gone.signal)
  await noteAsCopy(pairing, 1000)
  await pairing.reconcile()
  t.match(await waits, { state: 'pending' })
})

t.test('the cluster gets a change soon, many changes at most each ten seconds, and nothing without one', async (t) => {
  const pairing = await openPairing(t)
  const { clock, cluster } = pairing
  clock.hold()
  await pairing.reconcile()
  clock.advance(10_000)
  await pairing.reconcile()
  const first = await notedGeneration(pairing)
  let writes = 0
  const { noteGeneration } = cluster
  cluster.noteGeneration = async (...given) => {
    writes += 1
    return noteGeneration(...given)
  }
  for (let count = 0; count < 3; count += 1) {
    clock.advance(60_000)
    await pairing.reconcile()
  }
  t.equal(writes, 0, 'nothing happened')
  clock.advance(10_000)
  for (let count = 0; count < 20; count += 1) {
    await pairing.code()
    await pairing.look()
  }
  t.equal(writes, 1, 'the first of them, and the others later')
  clock.advance(10_000)
  await pairing.look()
  t.equal(writes, 2)
  t.equal(await notedGeneration(pairing), first + 2)
})

const unsealed = 'A'.repeat(43)

const edits: [what: string, text: string | undefined, event: string | undefined][] = [
  ['C3: a number that a store may have', '1000', 'generation-unreadable'],
  ['C3: a number behind which nothing can be counted', '999999999999998', 'generation-unreadable'],
  ['C3: a number with a MAC by another key', `1000 ${unsealed}`, 'generation-unreadable'],
  ['a small number with such a MAC', `0 ${unsealed}`, 'generation-unreadable'],
  ['a number of a thousand digits', '9'.repeat(1000), 'generation-unreadable'],
  ['a text', 'garbage', 'generation-unreadable'],
  ['nothing', '', 'generation-unreadable'],
  ['a number that says nothing new', '0', undefined],
  ['no annotation', undefined, undefined]
]

for (const [what, text, event] of edits) {
  t.test(`${what} that somebody wrote into the cluster takes nothing back and is overwritten`, async (t) => {
    const pairing = await openPairing(t)
    const { operator, cluster } = pairing
    await approved(pairing, 'worker-1')
    await pairing.code('worker-2')
    await pairing.reconcile()
    const before = await notedGeneration(pairing)
    await cluster.writeGenerationAsAdmin(text)
    await pairing.reconcile()
    t.equal((await operator.show('worker-1')).state, 'approved', what)
    const { alerts, codes } = await operator.status()
    t.equal(codes.open, 1, what)
    t.same(
      alerts.last.map(({ event }) => event),
      event === undefined ? [] : [event],
      what
    )
    await pairing.reconcile()
    t.equal((await operator.status()).alerts.count, event === undefined ? 0 : 1, `${what}, once`)
    t.ok((await notedGeneration(pairing)) - before < 3, `it goes on from its own number: ${what}`)
    await pairing.restart()
    await pairing.reconcile()
    t.equal((await operator.status()).alerts.count, event === undefined ? 0 : 1, `${what}, after a restart`)
  })
}

t.test('C3: whoever writes the number once does not hide an older store after that', async (t) => {
  const { pairing, state, stolen } = await changedSince(t)
  await pairing.cluster.writeGenerationAsAdmin('999999999999998')
  await pairing.reconcile()
  await goBackTo(pairing, state)
  await pairing.look()
  t.match((await pairing.operator.status()).alerts.last, [{ event: 'older-store' }])
  t.equal(await refusedWith(stolen.server.claim()), 'illegal-event')
})

t.test('a number by a master key from before a rotation is read, and then sealed by the newest key', async (t) => {
  const { pairing, state, stolen } = await changedSince(t)
  const hasFirstKey = async () => (await readdir(state)).includes('master.key')
  await rotateKeys({ state, random: randomBytes, print: () => {} })
  await goBackTo(pairing, state)
  t.ok(await hasFirstKey())
  await pairing.reconcile()
  t.match((await pairing.operator.status()).alerts.last, [{ event: 'older-store' }], 'the older key read it')
  t.equal(await refusedWith(stolen.server.claim()), 'illegal-event')
  await pairing.reconcile()
  t.notOk(await hasFirstKey(), 'nothing needs it any more')
  const { masterKeys } = await readStateKeys(state)
  const { text } = await pairing.cluster.generation()
  t.equal(text, sealGeneration(await notedGeneration(pairing), masterKeys))
})

t.test('a server that ends in good order tells of its last commits, so a copy from before them is older', async (t) => {
  const pairing = await openPairing(t)
  const stolen = await approved(pairing, 'stolen')
  await pairing.reconcile()
  const state = await snapshot(t, pairing)
  // the next pass that tells it may be ten seconds away
  await pairing.operator.reject('stolen', { reason: 'stolen' })
  await goBackTo(pairing, state)
  await pairing.look()
  t.match((await pairing.operator.status()).alerts.last, [{ event: 'older-store' }])
  t.equal(await refusedWith(stolen.server.claim()), 'illegal-event')
})

t.test('a server whose cluster is away ends all the same', async (t) => {
  const pairing = await openPairing(t)
  await pairing.reconcile()
  await pairing.code()
  await pairing.cluster.goDown()
  await pairing.restart()
  t.match(pairing.log, /the generation of the store could not be compared with the cluster/)
})
