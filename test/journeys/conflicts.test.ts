import t from 'tap'
import { approve, approvedRequest, openPairing, refusedWith, register } from './pairing.ts'

t.test('a second key freezes, no token is made, and release lets the right one go on', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  const owner = await pairing.machine()
  const thief = await pairing.machine()
  await owner.enrol(code)
  await approve(pairing, 'worker-1')
  await refusedWith(thief.enrol(code))
  t.equal(await refusedWith(owner.server.claim()), 'illegal-event', 'frozen')
  t.equal(await refusedWith(thief.server.claim()), 'not-found')
  t.same(await pairing.cluster.tokens(), [])

  const unknown = `sha256:${'0'.repeat(64)}`
  t.equal(await refusedWith(pairing.operator.release('worker-1', { key: unknown })), 'not-found')
  await pairing.operator.release('worker-1', { key: owner.identity.fingerprint })
  t.equal(await refusedWith(thief.enrol(code)), 'code-not-accepted')
  t.match(await approve(pairing, 'worker-1'), { state: 'approved' }, 'a key that was judged does not freeze again')
  t.match(await owner.server.claim(), { nodeName: 'worker-1' })
})

t.test('where the thief was faster, release hands the enrolment to the second key', async (t) => {
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

t.test('one key with two machine ids is a clone: it freezes', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  await machine.enrol((await pairing.code('worker-1')).code)
  const facts = { ...machine.facts, machineId: 'f'.repeat(32) }
  t.match(await machine.server.observe({ facts, preflight: [] }), { state: 'frozen' })
  const before = await pairing.operator.show('worker-1')
  await machine.server.observe({ facts, preflight: [] })
  t.same(await pairing.operator.show('worker-1'), before, 'and says so once')
})

t.test('in joined and later a second key only alerts', async (t) => {
  const pairing = await openPairing(t)
  const machine = await pairing.machine()
  const { code } = await pairing.code('worker-1')
  await machine.enrol(code)
  await approve(pairing, 'worker-1')
  const { csr, key } = await approvedRequest(pairing, machine, 'worker-1')
  await register(pairing, machine, 'worker-1', csr, key)
  await pairing.reconcile()
  t.equal(await refusedWith((await pairing.machine()).enrol(code)), 'code-not-accepted')
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.equal(state, 'joined')
  t.match(timeline.at(-1), { event: 'conflict', alert: true })
})

t.test('a loop of knocks with ever new keys does not fill the store', async (t) => {
  const pairing = await openPairing(t)
  const { code } = await pairing.code('worker-1')
  await (await pairing.machine()).enrol(code)
  for (let knock = 0; knock < 15; knock += 1) await refusedWith((await pairing.machine()).enrol(code))
  const { conflicts, timeline } = await pairing.operator.show('worker-1')
  t.equal(conflicts.length, 10)
  t.equal(timeline.filter(({ event }) => event === 'conflict').length, 10)
})
