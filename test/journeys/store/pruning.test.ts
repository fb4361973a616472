import { readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificateAuthority } from '@joinery/fake-kubernetes'
import { WritableStore } from '@joinery/server/testing/store'
import { signedAnew } from '@joinery/testing/cluster/signed-anew'
import { kubeletUsages } from '@joinery/testing/cluster/world/cluster-world'
import { kubeletRequest } from '@joinery/testing/cluster/world/kubelet-request'
import { ready } from '@joinery/testing/pairing/joined'
import { askOutside } from '@joinery/testing/pairing/outside-joinery'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith, retry } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'

const day = 24 * 60 * 60_000
const name = 'worker-1'

/** A pairing, and the store behind it. */
const opened = async (t: Test) => {
  let store: WritableStore | undefined
  const pairing = await openPairing(t, {}, undefined, (container) => {
    store = container.resolve(WritableStore)
  })
  return { pairing, store: store as WritableStore }
}

/** That many days later, after each step of the sweep had its turn. */
const later = async (pairing: Pairing, days: number) => {
  pairing.clock.advance(days * day)
  for (let sweep = 0; sweep < 3; sweep += 1) await pairing.reconcile()
}

const known = async ({ operator }: Pairing) => (await operator.list()).items.map(({ id }) => id)
const banned = async ({ cluster }: Pairing) => [...(await cluster.bans()).keys()]

/** Enrolled, and rejected before it claimed anything. */
const rejected = async (pairing: Pairing) => {
  const machine = await pairing.machine()
  const code = await pairing.code(name)
  await machine.enrol(code.code)
  await pairing.operator.reject(name, { reason: 'not ours' })
  return { machine, code }
}

/** Of somebody else's kubelet, good for so many days. */
const longCertificate = async (days: number) => {
  const begins = new Date('2026-01-01T00:00:00Z')
  const authority = await certificateAuthority(() => begins)
  const usual = await authority.sign((await kubeletRequest('elsewhere')).request, kubeletUsages, begins)
  return signedAnew(usual, authority, { notAfter: new Date(begins.getTime() + days * day) })
}

/** Ready once, and removed. */
const removed = async (pairing: Pairing) => {
  const one = await ready(pairing, name)
  const { id } = await pairing.operator.remove(name)
  await pairing.reconcile()
  return { ...one, id }
}

t.test('an enrolment that was rejected before its claim is forgotten after 90 days, with its code', async (t) => {
  const { pairing, store } = await opened(t)
  const { machine, code } = await rejected(pairing)
  const { id } = await pairing.operator.show(name)
  await later(pairing, 89)
  t.match(await pairing.operator.show(id), { state: 'rejected', pruned: undefined, facts: { machineId: /./ } })
  t.match(await pairing.operator.showCode(code.id), { status: 'used' })
  await later(pairing, 2)
  t.same(await known(pairing), [])
  t.same(await store.codes(), [])
  for (const subject of [id, code.id]) t.same(await store.timeline(subject), [], subject)
  t.equal(await refusedWith(machine.enrol(code.code)), 'code-not-accepted', 'its code is an unknown one')
})

t.test('a clock that is years ahead of the cluster’s forgets nothing, nor after it is right again', async (t) => {
  const { pairing } = await opened(t)
  await rejected(pairing)
  const before = await known(pairing)
  pairing.clock.setAhead(1000 * day)
  await later(pairing, 0)
  t.same(await known(pairing), before)
  t.match(await pairing.operator.show(name), { facts: { machineId: /./ } })
  pairing.clock.setAhead(0)
  await later(pairing, 1)
  t.match(await pairing.operator.show(name), { facts: { machineId: /./ } })
  await later(pairing, 90)
  t.same(await known(pairing), [], 'in its time')
})

t.test('an unused code is forgotten, but not an open one or one of a live enrolment', async (t) => {
  const { pairing } = await opened(t)
  const unused = await pairing.code('worker-7')
  const revoked = await pairing.code('worker-8')
  await pairing.operator.revokeCode(revoked.id)
  await ready(pairing, name)
  await later(pairing, 91)
  const open = await pairing.code('worker-9')
  await later(pairing, 0)
  const left = (await pairing.operator.listCodes()).items.map(({ id, name }) => [id, name])
  t.equal(left.length, 2)
  t.same(
    left.map(([, name]) => name),
    [name, 'worker-9']
  )
  t.notOk(left.some(([id]) => id === unused.id || id === revoked.id))
  t.ok(left.some(([id]) => id === open.id))
})

t.test('a kept package goes with the last code that named it', async (t) => {
  const source = join(t.testdir({}), 'joinery-agent.deb')
  await writeFile(source, 'a release')
  const pairing = await openPairing(t, { agentPackage: source })
  await pairing.code(name)
  const folder = join(pairing.config.state, 'packages')
  const [file = ''] = await readdir(folder)
  const copied = new Date('2026-01-01T00:00:00Z')
  await utimes(join(folder, file), copied, copied)
  // the next release is not there yet: whoever looks at the Installation would keep a copy of it
  await rm(source)
  await later(pairing, 89)
  t.same(await readdir(folder), [file])
  await later(pairing, 2)
  t.same(await readdir(folder), [])
})

t.test('an enrolment that claimed is pruned after 90 days, and lifts nothing that rests on it', async (t) => {
  const { pairing, store } = await opened(t)
  const { id, machine, certificate, key } = await removed(pairing)
  await later(pairing, 91)
  const shown = await pairing.operator.show(id)
  t.match(shown, {
    state: 'removed',
    facts: { machineId: '' },
    preflight: { length: 0 },
    message: /its evidence was deleted at/
  })
  t.equal(shown.approved, undefined)
  t.same(
    shown.timeline.map(({ event }) => event),
    ['pruned']
  )
  t.ok(JSON.stringify(await store.enrolment(id)).length < 2_000)

  await t.test('the name of a pruned enrolment stays taken', async (t) => {
    t.ok((await store.takenNames(pairing.clock.now())).has(name))
  })
  await t.test('the name of a pruned enrolment stays banned, also if somebody lifts the ban', async (t) => {
    t.same(await banned(pairing), [name])
    const { machineId } = machine.facts
    const register = () => pairing.cluster.registerNode({ name, certificate, key, machineId, systemUuid: machineId })
    await t.rejects(register(), { message: /removed by Joinery/ })
    await pairing.cluster.unban(name)
    await register()
    await pairing.reconcile()
    t.same(await pairing.cluster.nodes(), [])
    t.same(await banned(pairing), [name])
    t.match((await pairing.operator.show(id)).timeline.at(-1), { event: 'unwanted-node', alert: true })
  })
  await t.test('a certificate request for the name of a pruned enrolment alerts', async (t) => {
    await askOutside(pairing.cluster, pairing.clock, name)
    await pairing.reconcile()
    t.match((await pairing.operator.status()).alerts.last[0], { event: 'returned', subject: `enrolment/${name}` })
  })
  await t.test('the key of a pruned enrolment is a removed one, and its code stays used', async (t) => {
    t.match(await machine.server.wait(0, 0, new AbortController().signal), { state: 'removed' })
    t.match(await store.code(shown.code), { enrolment: id })
  })
  await t.test('the next machine of a pruned name shows the former enrolment', async (t) => {
    const next = await pairing.machine()
    await next.enrol((await pairing.code(name)).code)
    t.match((await pairing.operator.list()).items.at(-1)?.former, { enrolment: id, certificateExpires: /^202/ })
  })
})

t.test('a second key with an old code alerts, as long as its enrolment exists', async (t) => {
  const { pairing } = await opened(t)
  const machine = await pairing.machine()
  const code = await pairing.code(name)
  await machine.enrol(code.code)
  await approve(pairing, name)
  await claimToken(machine)
  await pairing.operator.reject(name, { reason: 'not ours' })
  await later(pairing, 200)
  const stranger = await pairing.machine()
  t.equal(await refusedWith(stranger.enrol(code.code)), 'code-not-accepted')
  t.match((await pairing.operator.showCode(code.id)).timeline.at(-1), { event: 'conflict', alert: true })
})

t.test('a ban is lifted after 13 months, and then its enrolment is forgotten', async (t) => {
  const { pairing } = await opened(t)
  const { id } = await removed(pairing)
  await later(pairing, 395)
  t.same([await banned(pairing), await known(pairing)], [[name], [id]])
  await later(pairing, 2)
  t.same([await banned(pairing), await known(pairing)], [[], []])
  t.same((await pairing.operator.listCodes()).items, [])
})

t.test('a ban that was made again counts from its new time', async (t) => {
  const { pairing } = await opened(t)
  const { id, machine, certificate, key } = await removed(pairing)
  await later(pairing, 200)
  await pairing.cluster.unban(name)
  const { machineId } = machine.facts
  await pairing.cluster.registerNode({ name, certificate, key, machineId, systemUuid: machineId })
  await pairing.reconcile()
  await later(pairing, 390)
  t.same([await banned(pairing), await known(pairing)], [[name], [id]])
  await later(pairing, 10)
  t.same([await banned(pairing), await known(pairing)], [[], []])
})

t.test('if longer certificates were ever seen, a ban lasts as long as they do', async (t) => {
  const { pairing, store } = await opened(t)
  const { cluster } = pairing
  const kubeletCsrs = cluster.kubeletCsrs.bind(cluster)
  await pairing.reconcile()
  const long = await longCertificate(3 * 365)
  const { csr } = await askOutside(cluster, pairing.clock, 'elsewhere')
  const ask = (await kubeletCsrs()).find(({ name }) => name === csr)
  cluster.kubeletCsrs = async () =>
    [long, 'no certificate'].flatMap((certificate) =>
      ask === undefined ? [] : { ...ask, uid: certificate, certificate }
    )
  await pairing.reconcile()
  cluster.kubeletCsrs = kubeletCsrs
  const { id } = await removed(pairing)
  await pairing.restart()
  t.ok(store)
  await later(pairing, 3 * 365)
  t.same([await banned(pairing), await known(pairing)], [[name], [id]])
  await later(pairing, 32)
  t.same([await banned(pairing), await known(pairing)], [[], []])
})

t.test('an enrolment with a token that is still there is not pruned', async (t) => {
  const { pairing } = await opened(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  await claimToken(machine)
  const { cluster } = pairing
  const deleteToken = cluster.deleteToken.bind(cluster)
  cluster.deleteToken = () => Promise.reject(new Error('the API server is too busy'))
  const { id } = await pairing.operator.reject(name, { reason: 'not ours' })
  await later(pairing, 500)
  t.match(await pairing.operator.show(id), { state: 'rejected', pruned: undefined })
  cluster.deleteToken = deleteToken
  await later(pairing, 0)
  t.same(await known(pairing), [], 'once it is gone')
})

t.test('a removed machine whose Node is still there is not pruned', async (t) => {
  const { pairing } = await opened(t)
  await ready(pairing, name)
  const { cluster } = pairing
  const deleteNode = cluster.deleteNode.bind(cluster)
  cluster.deleteNode = () => Promise.reject(new Error('the API server is too busy'))
  const { id } = await pairing.operator.remove(name)
  await later(pairing, 500)
  t.match(await pairing.operator.show(id), { state: 'removed', pruned: undefined })
  t.same(await banned(pairing), [name])
  cluster.deleteNode = deleteNode
  await later(pairing, 0)
  t.same(await cluster.nodes(), [])
  await later(pairing, 390)
  t.same([await banned(pairing), await known(pairing)], [[name], [id]], 'what was banned counts from its end')
  await later(pairing, 10)
  t.same([await banned(pairing), await known(pairing)], [[], []])
})

t.test('a live or failed enrolment stays, however old, with the former ones of its name', async (t) => {
  const { pairing } = await opened(t)
  const first = await removed(pairing)
  const second = await ready(pairing, name)
  t.ok(second)
  await later(pairing, 600)
  const ids = await known(pairing)
  t.equal(ids.length, 1)
  t.notOk(ids.includes(first.id))
  t.match(await pairing.operator.show(name), { state: 'ready', facts: { machineId: /./ } })
  t.same(await banned(pairing), [])
})

t.test('a pruned expired enrolment cannot be retried', async (t) => {
  const { pairing } = await opened(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code(name)).code)
  await approve(pairing, name)
  await claimToken(machine)
  pairing.clock.advance(11 * 60_000)
  await pairing.reconcile()
  pairing.clock.advance(2 * day)
  await pairing.reconcile()
  t.equal((await pairing.operator.show(name)).state, 'expired')
  await later(pairing, 91)
  t.equal(await refusedWith(retry(pairing, name)), 'illegal-event')
})

t.test('a cut before or after each write is completed later', async (t) => {
  for (const call of ['unban', 'commit'] as const) {
    for (const when of ['before', 'after'] as const) {
      const { pairing, store } = await opened(t)
      await removed(pairing)
      await later(pairing, 91)
      const target = (call === 'unban' ? pairing.cluster : store) as unknown as Record<string, unknown>
      const real = target[call] as (...args: unknown[]) => Promise<unknown>
      let cut = false
      target[call] = async (...args: unknown[]) => {
        const [change] = args as [{ gone?: object }]
        if (cut || (call === 'commit' && change.gone === undefined)) return real.call(target, ...args)
        cut = true
        if (when === 'after') await real.call(target, ...args)
        throw new Error('the power was cut')
      }
      await later(pairing, 400)
      t.ok(cut, `${call} ${when}`)
      await pairing.restart()
      await later(pairing, 0)
      t.same([await banned(pairing), await known(pairing)], [[], []], `${call} ${when}`)
    }
  }
})

t.test('an older enrolment of the same name or key is forgotten first', async (t) => {
  const { pairing, store } = await opened(t)
  const { id } = await removed(pairing)
  const enrolment = await store.enrolment(id)
  const older = {
    state: 'failed' as const,
    created: '2025-01-01T00:00:00.000Z',
    revision: 0,
    code: '',
    join: { lastAttempt: 0, attempts: [] }
  }
  for (const part of [
    { name, key: 'another' },
    { name: 'worker-2', key: enrolment?.key ?? '' }
  ]) {
    if (enrolment !== undefined) await store.commit({ enrolments: [{ ...enrolment, ...older, ...part, id: part.key }] })
  }
  await later(pairing, 500)
  t.ok((await known(pairing)).includes(id))
})

t.test('a ban list that is nearly full is in the status, and once in the log', async (t) => {
  const { pairing } = await opened(t)
  const { cluster } = pairing
  const bans = cluster.bans.bind(cluster)
  const entries = (count: number) =>
    new Map(Array.from({ length: count }, (_, index) => [`${index}`.padStart(28, 'n'), 'r'.repeat(100)] as const))
  const full = Math.ceil((0.8 * 1024 * 1024) / 128)
  for (const [count, told] of [
    [full - 1, false],
    [full, true],
    [full + 1, true]
  ] as const) {
    cluster.bans = async () => entries(count)
    await pairing.reconcile()
    const { remedies } = await pairing.operator.status()
    t.equal(
      remedies.some((remedy) => /banned names is 80 % full.*; .*: kubectl /.test(remedy)),
      told,
      `${count}`
    )
  }
  t.equal(pairing.log.match(/ban-list-nearly-full/g)?.length, 1)
  cluster.bans = bans
  await pairing.reconcile()
  t.same((await pairing.operator.status()).remedies, [])
})

t.test('a cluster that does not answer holds up no sweep, and nothing is forgotten', async (t) => {
  const { pairing } = await opened(t)
  const { id } = await removed(pairing)
  const { cluster } = pairing
  const bans = cluster.bans.bind(cluster)
  cluster.bans = () => Promise.reject(new Error('the API server is too busy'))
  await later(pairing, 500)
  t.same(await known(pairing), [id])
  t.match(pairing.log, /could not be pruned/)
  cluster.bans = bans
  await later(pairing, 0)
  t.same(await known(pairing), [])
})
