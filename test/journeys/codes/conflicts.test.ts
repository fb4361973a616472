import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith, register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import t from 'tap'

const another = async (pairing: Pairing, code: string) => refusedWith((await pairing.machine()).enrol(code))
const conflictsIn = (timeline: readonly { event: string; alert: boolean }[]) =>
  timeline.filter(({ event, alert }) => event === 'conflict' && alert).length

t.test('a second key freezes, no token is made, and a release lets the right key go on', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const owner = await pairing.machine()
  const thief = await pairing.machine()
  await owner.enrol(code)
  await refusedWith(thief.enrol(code))
  t.equal((await pairing.operator.show('worker-1')).state, 'frozen')
  t.equal(await refusedWith(owner.server.claim()), 'illegal-event', 'frozen')
  t.equal(await refusedWith(thief.server.claim()), 'not-found')
  t.same(await pairing.cluster.tokens(), [])

  const unknown = `sha256:${'0'.repeat(64)}`
  t.equal(await refusedWith(pairing.operator.release('worker-1', { key: unknown })), 'not-found')
  await pairing.operator.release('worker-1', { key: owner.identity.fingerprint })
  t.equal(await refusedWith(thief.enrol(code)), 'code-not-accepted')
  t.equal(await another(pairing, code), 'code-not-accepted')
  t.match(await approve(pairing, 'worker-1'), { state: 'approved' }, 'released, it does not freeze again')
  t.match(await owner.server.claim(), { nodeName: 'worker-1' })
})

t.test('if the thief was faster, a release hands the enrolment to the second key', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const thief = await pairing.machine()
  const right = await pairing.machine()
  await thief.enrol(code)
  await refusedWith(right.enrol(code))
  await pairing.operator.release('worker-1', { key: right.identity.fingerprint })
  t.match(await right.enrol(code), { state: 'pending', name: 'worker-1' }, 'its own code works for it now')
  t.equal(await refusedWith(thief.server.claim()), 'not-found')
  t.match(await pairing.operator.show('worker-1'), {
    key: right.identity.fingerprint,
    facts: right.facts,
    conflicts: [{ key: thief.identity.fingerprint }]
  })
})

t.test('one key with two machine ids freezes', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const facts = { ...machine.facts, machineId: 'f'.repeat(32) }
  t.match(await machine.server.observe({ facts, preflight: [] }), { state: 'frozen' })
  const before = await pairing.operator.show('worker-1')
  await machine.server.observe({ facts, preflight: [] })
  t.same(await pairing.operator.show('worker-1'), before, 'and says so once')
})

t.test('a second key after joined only alerts', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  await machine.enrol(code)
  await approve(pairing, 'worker-1')
  const { csr, key } = await withApprovedCsr(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.equal(await refusedWith((await pairing.machine()).enrol(code)), 'code-not-accepted')
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.equal(state, 'joined')
  t.match(timeline.at(-1), { event: 'conflict', alert: true })
})

t.test('a loop of new keys does not fill the store', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  await (await pairing.machine()).enrol(code)
  for (let knock = 0; knock < 15; knock += 1) await refusedWith((await pairing.machine()).enrol(code))
  const { conflicts, timeline } = await pairing.operator.show('worker-1')
  t.equal(conflicts.length, 10)
  t.equal(timeline.filter(({ event }) => event === 'conflict').length, 10)
})

t.test('after an approval a further key alerts and changes no state', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  await machine.enrol(code)
  await approve(pairing, 'worker-1')
  t.equal(await another(pairing, code), 'code-not-accepted')
  t.match(await pairing.operator.show('worker-1'), { state: 'approved' })
  const first = await machine.server.claim()
  t.equal(await another(pairing, code), 'code-not-accepted')
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.same([state, conflictsIn(timeline)], ['joining', 2])
  t.same(await machine.server.claim(), first)
  t.equal((await pairing.cluster.tokens()).length, 1, 'in the middle of a join its token stays')

  await pairing.restart()
  for (let knock = 0; knock < 12; knock += 1) await another(pairing, code)
  t.equal(conflictsIn((await pairing.operator.show('worker-1')).timeline), 10, 'and the alerts are bounded')
})

t.test('a release closes the code too, and an approval that is taken back does not open it', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  await machine.enrol(code)
  await another(pairing, code)
  await pairing.operator.release('worker-1', { key: machine.identity.fingerprint })
  await another(pairing, code)
  t.match(await pairing.operator.show('worker-1'), { state: 'pending' })

  const second = await pairing.code('worker-2')
  const other = await pairing.machine()
  await other.enrol(second.code)
  await approve(pairing, 'worker-2')
  await other.server.observe({ facts: { ...other.facts, serial: 'ANOTHER' }, preflight: [] })
  await another(pairing, second.code)
  t.match(await pairing.operator.show('worker-2'), { state: 'pending' })
})

t.test('no second key freezes an enrolment whose code was revoked', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await pairing.code('worker-1')
  const machine = await pairing.machine()
  await machine.enrol(code)
  t.match(await pairing.operator.revokeCode(id), { status: 'revoked', used: 1 })
  await pairing.restart()
  t.match(await pairing.operator.revokeCode(id), { status: 'revoked' }, 'again, it is the same')
  t.equal(await another(pairing, code), 'code-not-accepted', 'it is answered as by an unknown code')
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.same([state, conflictsIn(timeline)], ['pending', 1])
  t.match(
    timeline.find(({ event }) => event === 'revoke'),
    { actor: 'operator', detail: `code ${id}` }
  )
  t.match(await machine.enrol(code), { state: 'pending' }, 'the machine that used it goes on')
})

t.test('second keys at the moment of a revocation freeze nothing after its answer', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await pairing.code('worker-1')
  await (await pairing.machine()).enrol(code)
  const thieves = await Promise.all(Array.from({ length: 5 }, () => pairing.machine()))
  const knocks = thieves.map((thief) => refusedWith(thief.enrol(code)))
  await pairing.operator.revokeCode(id)
  const { state } = await pairing.operator.show('worker-1')
  await Promise.all(knocks)
  t.equal((await pairing.operator.show('worker-1')).state, state)
})

t.test('the remaining uses of a code for many end when it is revoked', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await pairing.operator.createCode({ name: 'worker-{n}', uses: 2, ttl: 1800 })
  const machine = await pairing.machine()
  await machine.enrol(code)
  t.match(await pairing.operator.revokeCode(id), { status: 'revoked', uses: 2, used: 1 })
  t.equal(await another(pairing, code), 'code-revoked')
  t.match(await machine.enrol(code), { name: 'worker-1' })
})

t.test('a machine with the code of an ended enrolment is in the timeline of the code, bounded', async (t) => {
  const pairing = await openPairing(t)
  const { code, id } = await pairing.code('worker-1')
  await (await pairing.machine()).enrol(code)
  await pairing.operator.reject('worker-1', { reason: 'not ours' })
  const before = await pairing.operator.show('worker-1')
  for (let knock = 0; knock < 12; knock += 1) t.equal(await another(pairing, code), 'code-not-accepted', `${knock}`)
  t.same(await pairing.operator.show('worker-1'), before)
  t.equal(conflictsIn((await pairing.operator.showCode(id)).timeline), 10)
})
