import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith, retry } from '@joinery/testing/pairing/steps'
import t from 'tap'

const pendingMachine = async (pairing: Pairing, name = 'worker-1') => {
  const machine = await pairing.machine()
  const { code } = await pairing.code(name)
  await machine.enrol(code)
  return { machine, code }
}

t.test('an approval covers only the evidence that was shown', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await pendingMachine(pairing)
  const { revision, key } = await pairing.operator.show('worker-1')
  await machine.server.observe({ facts: { ...machine.facts, serial: 'ANOTHER' }, preflight: [] })
  t.equal(await refusedWith(pairing.operator.approve('worker-1', { revision, key })), 'revision-changed')
  t.match(await approve(pairing, 'worker-1'), { state: 'approved' })
})

t.test('a check with new words at each look does not stop an approval, but a new verdict does', async (t) => {
  const pairing = await openPairing(t)
  const { machine, code } = await pendingMachine(pairing)
  const finds = (verdict: 'pass' | 'fail', finding: string) =>
    machine.enrol(code, { preflight: [{ name: 'disk-space', verdict, finding }] })
  await finds('pass', '12.0 GB are free')
  const { revision, key } = await pairing.operator.show('worker-1')
  const known = await finds('pass', '11.9 GB are free')
  t.equal((await pairing.operator.show('worker-1')).revision, revision)
  await finds('fail', '0.1 GB are free')
  t.equal(await refusedWith(pairing.operator.approve('worker-1', { revision, key })), 'revision-changed')
  await finds('pass', '11.8 GB are free')
  t.equal(
    await refusedWith(pairing.operator.approve('worker-1', { revision, key })),
    'revision-changed',
    'it went back'
  )
  const shown = await pairing.operator.show('worker-1')
  await finds('pass', '11.7 GB are free')
  await pairing.restart()
  t.match(await pairing.operator.approve('worker-1', { revision: shown.revision, key }), { state: 'approved' })
  const own = await machine.server.wait(known.revision, 0, new AbortController().signal)
  t.match(own, { state: 'approved' }, 'an agent that waits hears of each change, as ever')
})

t.test('an approval from before a freeze, or by another operator, is carried out once', async (t) => {
  const pairing = await openPairing(t)
  const { machine, code } = await pendingMachine(pairing)
  const shown = await pairing.operator.show('worker-1')
  const { revision, key } = shown
  await refusedWith((await pairing.machine()).enrol(code))
  await pairing.operator.release('worker-1', { key })
  t.equal(await refusedWith(pairing.operator.approve('worker-1', { revision, key })), 'revision-changed')
  const again = await pairing.operator.show('worker-1')
  const both = await Promise.all(
    [1, 2].map(() => refusedWith(pairing.operator.approve('worker-1', { revision: again.revision, key })))
  )
  t.same(both, [undefined, undefined], 'both wanted just that')
  const { timeline } = await pairing.operator.show('worker-1')
  t.equal(timeline.filter(({ event }) => event === 'approve').length, 1)
  await machine.server.observe({ facts: { ...machine.facts, serial: 'ANOTHER' }, preflight: [] })
  t.equal(
    await refusedWith(pairing.operator.approve('worker-1', { revision: again.revision, key })),
    'revision-changed',
    'nor when it waits again'
  )
})

t.test('a machine that becomes another one after the approval must be approved again', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await pendingMachine(pairing)
  await approve(pairing, 'worker-1')
  const changed = await machine.server.observe({
    facts: { ...machine.facts, macs: ['02:00:00:00:00:01'] },
    preflight: []
  })
  t.match(changed, { state: 'pending' })
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
})

t.test('a machine that became another one after it failed is not retried unseen', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await pendingMachine(pairing)
  await approve(pairing, 'worker-1')
  for (let attempts = 0; attempts < 3; attempts += 1) {
    const { attempt } = await machine.server.claim()
    await machine.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: '', output: [] })
  }
  const { state, revision, key } = await pairing.operator.show('worker-1')
  t.equal(state, 'failed')
  await machine.server.observe({ facts: { ...machine.facts, serial: 'ANOTHER' }, preflight: [] })
  t.equal(await refusedWith(pairing.operator.retry('worker-1', { revision, key })), 'revision-changed')
  t.match(await retry(pairing, 'worker-1'), { state: 'approved' })
})

t.test('a preflight result that changes does not take the approval back', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await pendingMachine(pairing)
  await approve(pairing, 'worker-1')
  const preflight = [{ name: 'swap', verdict: 'fail' as const, finding: 'swap is on', remedy: ['swapoff -a'] }]
  t.match(await machine.server.observe({ facts: machine.facts, preflight }), {
    state: 'approved',
    message: 'approved, waits until preflight passes: swap'
  })
})

t.test('a name that a Node, a Pod or a live enrolment has cannot be approved', async (t) => {
  const pairing = await openPairing(t)
  await pendingMachine(pairing)
  await pairing.cluster.bindPod('squatter', 'worker-1')
  t.equal(await refusedWith(approve(pairing, 'worker-1')), 'name-in-use', 'a Pod')
  t.match(await pairing.operator.show('worker-1'), { state: 'pending', nameConflict: /squatter/ })
  await pairing.cluster.deletePod('squatter')

  const { machine } = await pendingMachine(pairing)
  const own = await machine.server.wait(0, 0, new AbortController().signal)
  t.equal(await refusedWith(approve(pairing, 'worker-1')), 'name-in-use', 'two of that name must be told apart by id')
  const { items } = await pairing.operator.list()
  const twin = items.find(({ id }) => id !== own?.id)?.id ?? ''
  t.match(await approve(pairing, own?.id ?? ''), { state: 'approved' }, 'a twin that waits holds up nobody')
  t.equal(await refusedWith(approve(pairing, twin)), 'name-in-use', 'another enrolment that holds it')
  await pairing.operator.reject(own?.id ?? '', { reason: 'a twin' })
  t.match(await approve(pairing, 'worker-1'), { state: 'approved' })
})

t.test('a machine with the longest possible name goes by its name', async (t) => {
  const pairing = await openPairing(t)
  const name = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
  await pendingMachine(pairing, name)
  t.match(await approve(pairing, name), { state: 'approved', name })
})

t.test('an event that the table forbids names the present state and changes nothing', async (t) => {
  const pairing = await openPairing(t)
  await pendingMachine(pairing)
  await pairing.operator.reject('worker-1', { reason: 'not ours' })
  const before = await pairing.operator.show('worker-1')
  for (const call of [
    () => approve(pairing, 'worker-1'),
    () => pairing.operator.reject('worker-1', { reason: 'again' }),
    () => retry(pairing, 'worker-1'),
    () => pairing.operator.release('worker-1', { key: before.key })
  ]) {
    await t.rejects(call(), { code: 'illegal-event', message: /is rejected$/ }, String(call))
  }
  t.same(await pairing.operator.show('worker-1'), before)
})

t.test('a rejection in the middle of a join deletes the token', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await pendingMachine(pairing)
  await approve(pairing, 'worker-1')
  await machine.server.claim()
  await pairing.operator.reject('worker-1', { reason: 'a mistake' })
  t.same(await pairing.cluster.tokens(), [])
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
})

t.test('an enrolment without a decision expires: pending after 7 days, approved after a day', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await pendingMachine(pairing)
  pairing.clock.advance(7 * 24 * 3600_000)
  await pairing.reconcile()
  t.match(await pairing.operator.show('worker-1'), { state: 'expired' })
  await pendingMachine(pairing, 'worker-2')
  await approve(pairing, 'worker-2')
  pairing.clock.advance(24 * 3600_000)
  t.equal(await refusedWith(approve(pairing, 'worker-2')), 'illegal-event', 'also before a sweep has seen it')
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
})

t.test('an agent that waits is answered as soon as its enrolment changes', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await pendingMachine(pairing)
  const waiting = machine.server.wait(1, 50, new AbortController().signal)
  await approve(pairing, 'worker-1')
  t.match(await waiting, { state: 'approved', revision: 2 })
})
