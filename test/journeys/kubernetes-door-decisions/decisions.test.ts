import { hour } from '@joinery/protocol'
import { eventually } from '@joinery/testing/clocks/eventually'
import { ready } from '@joinery/testing/pairing/joined'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'

const name = 'worker-1'

t.test('a Decision approves what was shown, and the timeline has its author and its uid', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const decision = await pairing.decide(name, 'approve')
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved', message: 'worker-1 is approved' })
  const { state, timeline } = await pairing.operator.show(name)
  t.equal(state, 'approved')
  t.match(
    timeline.filter(({ actor }) => actor === 'operator'),
    [{ event: 'approve', by: 'alice', decision: decision.uid }]
  )
})

t.test('a Decision rejects, with its reason', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const decision = await pairing.decide(name, 'reject', { reason: 'not ours' })
  t.match(await pairing.settled(decision), { result: 'applied', state: 'rejected' })
  const { state, timeline } = await pairing.operator.show(name)
  t.equal(state, 'rejected')
  t.match(timeline.at(-1), { event: 'reject', detail: 'not ours', by: 'alice', decision: decision.uid })
})

t.test('C6: a release of a control plane waits for the policy that asks for the right to let one in', async (t) => {
  const gaps = ['the policy joinery-decisions was changed: spec.validations']
  let isOlder = true
  const pairing = await openDoorPairing(t, async (cluster) => {
    const { policyGaps } = cluster
    cluster.policyGaps = (policy, ...more) =>
      policy === 'joinery-decisions' && isOlder ? Promise.resolve(gaps) : policyGaps(policy, ...more)
  })
  const frozen = async (of: string, role: 'worker' | 'control-plane') => {
    const { code } = await pairing.code(of, undefined, { role })
    const [right, other] = [await pairing.machine(), await pairing.machine()]
    await right.enrol(code)
    await other.enrol(code).catch(() => undefined)
    t.equal((await pairing.operator.show(of)).state, 'frozen')
  }
  await frozen('cp-2', 'control-plane')
  await frozen('worker-2', 'worker')
  const release = async (of: string) => pairing.settled(await pairing.decide(of, 'release'))
  t.match(await release('worker-2'), { result: 'applied', state: 'pending' })
  t.match(await release('cp-2'), {
    result: 'refused',
    code: 'cluster-unsafe',
    message: /joinery-decisions was changed/
  })
  t.equal((await pairing.operator.show('cp-2')).state, 'frozen')
  isOlder = false
  t.match(await release('cp-2'), { result: 'applied', state: 'pending' })
})

t.test('a Decision removes a machine that is ready, and its Node goes', async (t) => {
  const pairing = await openDoorPairing(t)
  await ready(pairing, name)
  t.match(await pairing.settled(await pairing.decide(name, 'remove')), { result: 'applied', state: 'removed' })
  t.same(await pairing.cluster.nodes(), [])
})

t.test('a Decision replaces a Node, and both enrolments say by which Decision', async (t) => {
  const pairing = await openDoorPairing(t)
  await ready(pairing, name)
  const { id: former } = await pairing.operator.show(name)
  const [node] = await pairing.cluster.nodes()
  const machine = await enrolled(pairing)
  const { items } = await pairing.operator.list()
  const { id = '' } = items.find(({ key }) => key === machine.identity.fingerprint) ?? {}
  const decision = await pairing.decide(id, 'replace', { node: node?.uid })
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved' })
  for (const [one, events] of [
    [id, ['replace', 'approve']],
    [former, ['remove']]
  ] as const) {
    const { timeline } = await pairing.operator.show(one)
    const by = timeline.filter((entry) => entry.decision === decision.uid)
    t.same(
      by.map(({ event }) => event),
      events
    )
  }
})

t.test('a Decision that does not fit is refused once, with the reason', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  const { id, revision } = await pairing.operator.show(name)
  const table: [what: string, differs: object, code: string][] = [
    ['role', { role: 'control-plane' }, 'invalid-request'],
    ['key', { key: `sha256:${'b'.repeat(64)}` }, 'revision-changed'],
    ['revision', { revision: revision + 1 }, 'revision-changed'],
    ['a name in place of the id', { enrolment: name }, 'invalid-request'],
    ["nobody's id", { enrolment: id.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }, 'not-found'],
    ['an id that steers a terminal', { enrolment: '\u001b[2J' }, 'invalid-request'],
    ['an author who does', { by: 'ali\u202ece' }, 'invalid-request']
  ]
  for (const [what, differs, code] of table) {
    const decision = await pairing.decide(name, 'approve', differs, false)
    t.match(await pairing.settled(decision), { result: 'refused', code }, what)
  }
  t.match(await pairing.operator.show(name), { state: 'pending', revision })
})

t.test('of a hundred Decisions about one enrolment one is applied, and a rejection goes first', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  await pairing.cluster.goDown()
  const made = []
  for (let count = 0; count < 99; count += 1) made.push(await pairing.decide(name, 'approve'))
  const rejection = await pairing.decide(name, 'reject', { reason: 'no' })
  await pairing.cluster.comeBack()
  const nudge = await pairing.decide(name, 'approve')
  const results = await Promise.all([...made, nudge].map(pairing.settled))
  t.match(await pairing.settled(rejection), { result: 'applied' })
  t.same(new Set(results.map(({ result, code }) => `${result} ${code}`)), new Set(['refused revision-changed']))
  t.match(await pairing.operator.show(name), { state: 'rejected' })
})

t.test('a Decision that nobody read in time lets nobody in, but takes away', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  await enrolled(pairing, 'worker-2')
  await pairing.cluster.goDown()
  const old = await pairing.decide(name, 'approve')
  pairing.clock.advance(hour + 1000)
  const reject = await pairing.decide('worker-2', 'reject', { reason: 'no', revision: 1 })
  await pairing.cluster.comeBack()
  await pairing.restart()
  t.match(await pairing.settled(old), { result: 'refused', code: 'illegal-event', message: /older than an hour/ })
  t.match(await pairing.settled(reject), { result: 'applied' })
})

t.test('a Decision that was made while the server was off is applied within the hour', async (t) => {
  const pairing = await openDoorPairing(t)
  await enrolled(pairing)
  await pairing.cluster.goDown()
  const decision = await pairing.decide(name, 'approve')
  await pairing.cluster.comeBack()
  await pairing.restart()
  t.match(await pairing.settled(decision), { result: 'applied', state: 'approved' })
})

t.test('a cluster of an earlier set-up is served as before, and the status names the remedy once', async (t) => {
  const pairing = await openDoorPairing(t, async (cluster) => cluster.decisions.lack())
  await enrolled(pairing)
  const about = async () => (await pairing.operator.status()).remedies.filter((line) => /Decisions/.test(line))
  const [line] = await eventually('the status says it', async () => {
    const lines = await about()
    return lines.length > 0 && lines
  })
  t.match(line, /joinery-server setup/)
  t.equal((await about()).length, 1)
  t.match(await pairing.operator.show(name), { state: 'pending' })
})
