import { join } from 'node:path'
import { type CodeRequest, credentialKinds, makeCode } from '@joinery/protocol'
import { systemRandom } from '@joinery/server/testing/base'
import { sqliteStore } from '@joinery/server/testing/store'
import { openMachine } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined, waitsPending } from '@joinery/testing/agents/outcomes'
import { eventually } from '@joinery/testing/clocks/eventually'
import { aCode } from '@joinery/testing/documents/code'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'
import t from 'tap'

const fleet = ({ operator }: Pairing, uses: number, more: Partial<CodeRequest> = {}) =>
  operator.createCode({ name: 'edge-{n}', uses, ttl: 1800, ...more })
const machines = (pairing: Pairing, count: number) =>
  Promise.all(Array.from({ length: count }, () => pairing.machine()))
const names = async ({ operator }: Pairing) => (await operator.list()).items.map(({ name }) => name).sort()
const answer = (call: Promise<unknown>) => call.catch((error: Error) => ({ ...error, message: error.message }))
/** A Node that Joinery knows nothing of. */
const foreignNode = async (pairing: Pairing, name: string) => {
  const other = await pairing.machine()
  const { code } = await pairing.code(name)
  await other.enrol(code)
  await approve(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, other, name)
  await register(pairing, other, name, csr, key)
}

t.test('one code lets several machines in, each with its own name, and each waits for its approval', async (t) => {
  const pairing = await openPairing(t)
  const { code, id, ...made } = await fleet(pairing, 3)
  t.match(made, { name: 'edge-{n}', uses: 3, used: 0, status: 'open' })
  const [one, two] = await machines(pairing, 2)
  t.match(await one?.enrol(code, { name: 'localhost' }), { name: 'edge-1', state: 'pending' })
  t.match(await two?.enrol(code, { name: 'localhost' }), { name: 'edge-2', state: 'pending' })
  const { enrolment, ...shown } = await pairing.operator.showCode(id)
  t.match(shown, { status: 'open', uses: 3, used: 2 })
  t.equal(enrolment, undefined)
  t.match(shown.users, [
    { name: 'edge-1', state: 'pending', key: one?.identity.fingerprint },
    { name: 'edge-2', state: 'pending', key: two?.identity.fingerprint }
  ])
  t.match(
    shown.timeline.map(({ event }) => event),
    ['create', 'used', 'used']
  )
  t.match((await pairing.operator.listCodes()).items, [{ uses: 3, used: 2, status: 'open' }])
  await approve(pairing, 'edge-2')
  t.match(await two?.server.claim(), { nodeName: 'edge-2' })
  t.equal(await refusedWith((one as TestMachine).server.claim()), 'illegal-event', 'nobody approved this one')
})

t.test('the same key gets its own enrolment again, without another use, also from a restarted server', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await fleet(pairing, 2)
  const [one, two] = (await machines(pairing, 2)) as [TestMachine, TestMachine]
  const first = await one.enrol(code)
  await two.enrol(code)
  await pairing.restart()
  pairing.clock.advance(24 * 3600_000)
  t.same(await one.enrol(code, { name: 'another' }), first, 'the lifetime bounds the first use only')
  t.match(await pairing.operator.showCode(id), { used: 2, status: 'used' })
  t.same(await names(pairing), ['edge-1', 'edge-2'])
})

t.test('one machine too many gets the answer of an unknown code, alerts, and freezes nothing', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await fleet(pairing, 2)
  const [one, two, late] = (await machines(pairing, 3)) as [TestMachine, TestMachine, TestMachine]
  await one.enrol(code)
  await two.enrol(code)
  const spent = await answer(late.enrol(code))
  t.match(spent, { code: 'code-not-accepted' })
  t.same(spent, await answer(late.enrol(makeCode(systemRandom.bytes))))
  await refusedWith(late.enrol(code))
  const { timeline } = await pairing.operator.showCode(id)
  t.match(timeline.at(-1), {
    event: 'quota',
    alert: true,
    detail: `all 2 uses are taken; presented by key ${late.identity.fingerprint} from 127.0.0.1`
  })
  t.equal(timeline.filter(({ event }) => event === 'quota').length, 1, 'once for each key')
  t.match(pairing.log, /"event":"quota"/)
  for (const { state, conflicts } of (await pairing.operator.list()).items)
    t.match({ state, conflicts }, { state: 'pending', conflicts: { length: 0 } })
  pairing.clock.advance(24 * 3600_000)
  t.equal(await refusedWith(late.enrol(code)), 'code-not-accepted', 'a code that is over too')
})

t.test('a loop of new keys neither fills the store nor makes enrolments', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await fleet(pairing, 2)
  for (const machine of await machines(pairing, 17)) await refusedWith(machine.enrol(code))
  const { timeline } = await pairing.operator.showCode(id)
  t.equal(timeline.filter(({ event }) => event === 'quota').length, 10)
  t.same(await names(pairing), ['edge-1', 'edge-2'])
})

t.test('of twenty machines that race for ten uses ten win, and no two have one name', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await fleet(pairing, 10)
  const results = await Promise.all((await machines(pairing, 20)).map((machine) => refusedWith(machine.enrol(code))))
  t.equal(results.filter((result) => result === undefined).length, 10)
  t.equal(results.filter((result) => result === 'code-not-accepted').length, 10)
  t.same(await names(pairing), Array.from({ length: 10 }, (_, n) => `edge-${n + 1}`).sort())
  t.match(await pairing.operator.showCode(id), { used: 10, users: { length: 10 } })
})

t.test('two codes with one pattern give no name twice in a race', async (t) => {
  const pairing = await openPairing(t)
  const codes = [(await fleet(pairing, 5)).code, (await fleet(pairing, 5)).code]
  await Promise.all((await machines(pairing, 10)).map((machine, index) => machine.enrol(codes[index % 2] ?? '')))
  t.same(await names(pairing), Array.from({ length: 10 }, (_, n) => `edge-${n + 1}`).sort())
})

t.test('one machine that enrols twice at once has one use and one name', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await fleet(pairing, 3)
  const machine = await pairing.machine()
  const [one, other] = await Promise.all([machine.enrol(code), machine.enrol(code)])
  t.equal(one.id, other.id)
  t.match(await pairing.operator.showCode(id), { used: 1 })
})

t.test('a pattern takes the lowest number whose name nobody has or wants', async (t) => {
  const pairing = await openPairing(t)
  await foreignNode(pairing, 'edge-1')
  await pairing.operator.reject('edge-1', { reason: 'its Node stays' })
  await pairing.reconcile()
  await (await pairing.machine()).enrol((await pairing.code('edge-2')).code)
  const { code } = await fleet(pairing, 5)
  const [one, two, three] = (await machines(pairing, 3)) as [TestMachine, TestMachine, TestMachine]
  t.match(await one.enrol(code), { name: 'edge-3' })
  t.match(await two.enrol(code), { name: 'edge-4' })
  await pairing.operator.reject('edge-3', { reason: 'not this one' })
  t.match(await three.enrol(code), { name: 'edge-3' }, 'a name that was given up')
  t.match(await one.enrol(code), { name: 'edge-3', state: 'rejected' }, 'its use is used')
})

t.test('a pattern skips a name that a machine claimed once, because its certificate lasts longer', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await fleet(pairing, 3)
  const [one, two, three] = (await machines(pairing, 3)) as [TestMachine, TestMachine, TestMachine]
  await one.enrol(code)
  await approve(pairing, 'edge-1')
  await one.server.claim()
  await pairing.operator.reject('edge-1', { reason: 'not this one' })
  t.match(await two.enrol(code), { name: 'edge-2' })
  const { code: exact } = await pairing.code('edge-1')
  t.match(await three.enrol(exact), { name: 'edge-1' }, 'who names it decides')
})

t.test('a server that has not seen the Nodes asks for them, and gives no number without an answer', async (t) => {
  const pairing = await openPairing(t)
  await foreignNode(pairing, 'edge-1')
  await pairing.operator.reject('edge-1', { reason: 'its Node stays' })
  const { code, id } = await fleet(pairing, 2)
  await pairing.cluster.goDown()
  await pairing.restart()
  const machine = await pairing.machine()
  t.equal(await refusedWith(machine.enrol(code)), 'cluster-unavailable')
  t.match(await pairing.operator.showCode(id), { used: 0 })
  await pairing.cluster.comeBack()
  t.match(await machine.enrol(code), { name: 'edge-2' })
})

t.test('while the cluster is away a stranger learns no more about a code than before', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await fleet(pairing, 2, { from: ['192.0.2.0/24'] })
  await pairing.cluster.goDown()
  await pairing.restart()
  t.equal(await refusedWith((await pairing.machine()).enrol(code)), 'code-not-accepted')
})

t.test('a code for many without a name leaves it to each machine', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.operator.createCode({ uses: 2, ttl: 1800 })
  const [one, two] = (await machines(pairing, 2)) as [TestMachine, TestMachine]
  t.match(await one.enrol(code, { name: 'left' }), { name: 'left' })
  t.match(await two.enrol(code, { name: 'right' }), { name: 'right' })
})

t.test('a pattern works for a code of one machine too, which freezes as usual', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.operator.createCode({ name: 'edge-{n}', ttl: 1800 })
  const [one, two] = (await machines(pairing, 2)) as [TestMachine, TestMachine]
  t.match(await one.enrol(code), { name: 'edge-1' })
  t.match(await one.enrol(code, { name: 'other' }), { name: 'edge-1' })
  t.equal(await refusedWith(two.enrol(code)), 'code-not-accepted')
  t.match(await pairing.operator.show('edge-1'), { state: 'frozen' })
})

t.test('a revoked code lets no more machines in, and its machines stay', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await fleet(pairing, 3)
  const [one, two] = (await machines(pairing, 2)) as [TestMachine, TestMachine]
  await one.enrol(code)
  t.match(await pairing.operator.revokeCode(id), { status: 'revoked', used: 1 })
  t.equal(await refusedWith(two.enrol(code)), 'code-revoked')
  t.match(await one.enrol(code), { state: 'pending' })
})

t.test('a spent code may be revoked too, and its answer does not change', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await fleet(pairing, 2)
  for (const machine of await machines(pairing, 2)) await machine.enrol(code)
  t.match(await pairing.operator.revokeCode(id), { status: 'revoked', uses: 2, used: 2 })
  t.equal(await refusedWith((await pairing.machine()).enrol(code)), 'code-not-accepted')
})

t.test('a key with a live enrolment takes no use of another code', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const { code, id } = await fleet(pairing, 2)
  t.equal(await refusedWith(machine.enrol(code)), 'already-enrolled')
  t.match(await pairing.operator.showCode(id), { used: 0 })
})

t.test('a code from another network is refused like an unknown one, with an entry in its timeline', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await fleet(pairing, 2, { from: ['192.0.2.0/24', '2001:db8::/32'] })
  const machine = await pairing.machine()
  const refused = await answer(machine.enrol(code))
  t.match(refused, { code: 'code-not-accepted' })
  t.same(refused, await answer(machine.enrol(makeCode(systemRandom.bytes))))
  await refusedWith(machine.enrol(code))
  const shown = await pairing.operator.showCode(id)
  t.match(shown, { used: 0, status: 'open', from: ['192.0.2.0/24', '2001:db8::/32'] })
  t.match(shown.timeline, [
    { event: 'create', detail: /2 uses; from 192\.0\.2\.0\/24, 2001:db8::\/32/ },
    {
      event: 'refused',
      detail: /^its address is not in 192\.0\.2\.0\/24, 2001:db8::\/32; presented by key sha256:/,
      alert: false
    }
  ])
  t.equal(shown.timeline.length, 2, 'once for each key')
  t.same((await pairing.operator.list()).items, [])
})

t.test('a code from its own network works as usual', async (t) => {
  const pairing = await openPairing(t)
  const from = ['127.0.0.0/8']
  const { code } = await pairing.operator.createCode({ name: 'worker-1', ttl: 1800, from })
  const [one, two] = (await machines(pairing, 2)) as [TestMachine, TestMachine]
  t.match(await one.enrol(code), { name: 'worker-1' })
  t.equal(await refusedWith(two.enrol(code)), 'code-not-accepted')
  t.match(await pairing.operator.show('worker-1'), { state: 'frozen' })
})

t.test('an impossible code for many is refused when it is made', async (t) => {
  const { operator } = await openPairing(t)
  const create = (more: Partial<CodeRequest>) => operator.createCode({ ttl: 1800, ...more })
  const wrong: [string, Partial<CodeRequest>, RegExp][] = [
    ['invalid-name', { name: 'worker-1', uses: 2 }, /worker-1 is the name of one machine, and the code is for 2/],
    ['invalid-name', { name: 'worker-{m}' }, /one {n} for a number/],
    ['invalid-name', { name: 'Worker-{n}' }, /one {n} for a number/],
    ['invalid-name', { name: '{n}{n}', uses: 2 }, /one {n} for a number/],
    ['invalid-name', { name: `${'x'.repeat(60)}{n}` }, /one {n} for a number/],
    ['invalid-network', { from: ['192.0.2.0/24', '192.0.2.7'] }, /"192\.0\.2\.7" is no network/],
    ['invalid-network', { from: ['\u001b[31m'] }, /^"\\u\{1b\}\[31m" is no network/]
  ]
  for (const [code, more, message] of wrong) await t.rejects(create(more), { code, message }, JSON.stringify(more))
  for (const more of [{ uses: 0 }, { uses: 1001 }, { uses: 1.5 }, { from: Array(17).fill('192.0.2.0/24') }]) {
    t.equal(await refusedWith(create(more)), 'invalid-request', JSON.stringify(more))
  }
  t.same((await operator.listCodes()).items, [])
})

t.test('codes that the first release stored work as before', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const { id } = await (await pairing.machine()).enrol(code)
  const store = sqliteStore(join(pairing.config.state, 'joinery.db'))
  t.teardown(() => store.close())
  // as the first release wrote them
  const [old] = await store.codes()
  t.same(Object.keys(old ?? {}).sort(), ['created', 'enrolment', 'expires', 'hash', 'id', 'name', 'revision', 'role'])
  await store.commit({ codes: [aCode('unused')] })
  t.match((await pairing.operator.listCodes()).items, [
    { status: 'used', uses: 1, used: 1, enrolment: id },
    { id: 'unused', uses: 1, used: 0 }
  ])
})

for (const credential of credentialKinds) {
  t.test(`two machines with one user-data are approved, and are ready by ${credential}`, async (t) => {
    const pairing = await openPairing(t, { credential })
    const { code } = await fleet(pairing, 2, { labels: { rack: 'r7' } })
    for (const name of ['edge-1', 'edge-2']) {
      const open = await openMachine(t, pairing, name)
      await open.putCode(code)
      open.start()
      t.match(await waitsPending(pairing, open), { name }, name)
      await approvePending(pairing, open)
      await assertJoined(t, pairing, open)
      t.match(
        await eventually('it has its label', () => pairing.cluster.labelsAndTaints(name)),
        {
          labels: { rack: 'r7' }
        },
        name
      )
    }
  })
}
