import { hour, ProblemError } from '@joinery/protocol'
import t from 'tap'
import { policySubject } from '../../../src/core/ports/store/timeline.ts'
import { aPolicy, aRule, openPolicies } from './policies-fixture.ts'

const cut = () => Promise.reject(new Error('the power was cut'))

t.test('a rule approves a machine that waits, and the timeline has its name and the hash of the policy', async (t) => {
  const world = openPolicies(t)
  await world.waits('a')
  await world.server().policies.round()
  t.match(await world.store.enrolment('a'), { state: 'approved', approval: { evidence: { revision: 1 } } })
  t.match(await world.told('a'), [
    {
      actor: 'policy',
      event: 'approve',
      detail: /^revision 1, key \S+; by rule all, of the policy sha256:00$/,
      alert: false
    }
  ])
})

t.test('a rejection has the reason of its rule', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('no', { verdict: 'reject', reason: 'not ours' }))
  await world.waits('a')
  await world.server().policies.round()
  t.match(await world.store.enrolment('a'), { state: 'rejected', reason: 'not ours' })
  t.match(await world.told('a'), [{ event: 'reject', detail: 'not ours; by rule no, of the policy sha256:00' }])
})

t.test('under mode off nothing is judged, and under mode warn it is only told, once', async (t) => {
  const world = openPolicies(t)
  await world.waits('a')
  world.current.policy = { ...aPolicy(aRule('all', { claimsOnly: true })), mode: 'off' }
  await world.server().policies.round()
  t.same(await world.told('a'), [])
  world.current.policy = { ...world.current.policy, mode: 'warn' }
  const first = world.server().policies
  for (const policies of [first, first, world.server().policies]) {
    policies.note('a')
    await policies.round()
  }
  t.equal(await world.stateOf('a'), 'pending')
  t.match(await world.told('a'), [
    { event: 'would-approve', detail: /; by rule all, only by what the machine claims, of the policy sha256:00$/ }
  ])
  t.equal((await world.told('a')).length, 1, 'also after a restart')
  world.current.policy = { ...world.current.policy, hash: 'sha256:11' }
  await first.round()
  t.equal((await world.told('a')).length, 2, 'and again by another policy')
})

t.test('a machine is judged once, and again only when it or the policy has changed', async (t) => {
  const world = openPolicies(t)
  let judged = 0
  world.current.first = async () => {
    judged += 1
    return undefined
  }
  await world.waits('a')
  const { policies, enrolments } = world.server()
  for (let round = 0; round < 3; round += 1) {
    policies.note('a')
    await policies.round()
  }
  world.clock.advance(hour)
  await policies.round()
  t.equal(judged, 1)
  await enrolments.change('a', (one) => ({ enrolment: { ...one, address: '192.0.2.9' }, entries: [] }))
  policies.note('a')
  await policies.round()
  t.equal(judged, 2, 'its evidence is another one')
  world.current.policy = { ...world.current.policy, hash: 'sha256:11' }
  await policies.round()
  t.equal(judged, 3, 'the policy is another one')
  await world.waits('b')
  await policies.round()
  t.equal(judged, 3)
  world.clock.advance(60_000)
  await policies.round()
  t.equal(judged, 4, 'the sweep finds what nobody told of')
})

t.test('machines that a policy must not let in wait for an operator', async (t) => {
  const world = openPolicies(t)
  const conflict = { key: `sha256:${'9'.repeat(64)}` }
  await world.waits('frozen', { state: 'frozen' })
  await world.waits('conflict', { conflict: { seen: [conflict] } })
  await world.waits('fails', { preflight: [{ name: 'swap', verdict: 'fail', finding: '' }] })
  await world.waits('node', { name: 'taken' })
  world.nodes.push({ name: 'taken' })
  await world.waits('twin-1', { name: 'twin' })
  await world.waits('twin-2', { name: 'twin' })
  await world.waits('held', { name: 'holder' })
  await world.waits('holder', { name: 'holder', state: 'approved' })
  await world.waits('replaced', { approval: { replaced: 'uid' } })
  await world.waits('control', { role: 'control-plane' })
  await world.waits('changed', { approval: { evidence: { revision: 1 } as never } })
  await world.server().policies.round()
  for (const id of ['conflict', 'fails', 'node', 'twin-1', 'twin-2', 'held', 'replaced', 'control', 'changed']) {
    t.equal(await world.stateOf(id), 'pending', id)
    t.same(await world.told(id), [], id)
  }
  t.equal(await world.stateOf('frozen'), 'frozen')
})

t.test('an approved control plane still waits for the keys that only root grants', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('all', { roles: ['control-plane'] }))
  await world.waits('a', { role: 'control-plane', join: { sealKey: 'a.b.c' } })
  await world.server().policies.round()
  const found = await world.store.enrolment('a')
  t.equal(found?.join.grant, undefined)
  t.equal(found?.state, 'approved')
})

t.test('crash before the commit of an approval: the next server approves, and the quota counts it once', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('all', { quota: 5 }))
  await world.waits('a')
  await t.rejects(world.server({ commit: cut }).policies.round(), /power/)
  t.equal(await world.stateOf('a'), 'pending')
  await world.server().policies.round()
  t.equal(await world.stateOf('a'), 'approved')
  t.match(await world.store.timeline(policySubject('quota/all')), [{ event: 'approved', count: 1 }])
})

t.test('crash after the commit of an approval: the next server approves nothing again', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('all', { quota: 5 }))
  await world.waits('a')
  const dying = world.server({
    commit: async (change) => {
      await world.store.commit(change)
      return cut()
    }
  })
  await t.rejects(dying.policies.round(), /power/)
  await world.server().policies.round()
  t.equal((await world.told('a')).length, 1)
  t.match(await world.store.timeline(policySubject('quota/all')), [{ count: 1 }])
})

t.test('crash after the commit of a word under warn: it is not said again', async (t) => {
  const world = openPolicies(t)
  world.current.policy = { ...aPolicy(aRule('all')), mode: 'warn' }
  await world.waits('a')
  const dying = world.server({
    commit: async (change) => {
      await world.store.commit(change)
      return cut()
    }
  })
  await t.rejects(dying.policies.round(), /power/)
  await world.server().policies.round()
  t.equal((await world.told('a')).length, 1)
})

t.test('a quota is kept by the hour of the clock, whatever restarts', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('some', { quota: 2 }))
  for (const id of ['a', 'b', 'c', 'd']) await world.waits(id)
  const states = async () => Promise.all(['a', 'b', 'c', 'd'].map(world.stateOf))
  await world.server().policies.round()
  t.same(await states(), ['approved', 'approved', 'pending', 'pending'])
  const { policies } = world.server()
  await policies.round()
  t.same(await states(), ['approved', 'approved', 'pending', 'pending'], 'a restart gives nothing')
  world.clock.advance(hour)
  await policies.round()
  t.same(await states(), ['approved', 'approved', 'approved', 'approved'])
  t.match(await world.store.timeline(policySubject('quota/some')), [{ count: 2 }, { count: 2 }])
})

t.test(
  'P3: a place of a quota stays taken if the approval may be written though its answer was an error',
  async (t) => {
    const world = openPolicies(t)
    world.current.policy = aPolicy(aRule('all', { quota: 1 }))
    await world.waits('a')
    let isCut = true
    const { policies } = world.server({
      commit: async (change) => {
        const result = await world.store.commit(change)
        if (!isCut) return result
        isCut = false
        throw new ProblemError('store-unavailable')
      }
    })
    await policies.round()
    t.equal(await world.stateOf('a'), 'approved', 'it is written')
    await world.waits('b')
    policies.note('b')
    await policies.round()
    t.equal(await world.stateOf('b'), 'pending', 'the rule has approved its one machine of this hour')
  }
)

t.test('P1: nothing is decided before the Nodes are known, since the machine may be a copy of one', async (t) => {
  const world = openPolicies(t)
  world.current.isNodesKnown = false
  await world.waits('a', { name: 'taken' })
  world.nodes.push({ name: 'taken' })
  await world.waits('b')
  const { policies } = world.server()
  await policies.round()
  t.same([await world.stateOf('a'), await world.stateOf('b')], ['pending', 'pending'])
  world.current.isNodesKnown = true
  await policies.round()
  t.same([await world.stateOf('a'), await world.stateOf('b')], ['pending', 'approved'], 'and then all of them')
})

t.test('C1: a code that came by a Code is proof only if the Code says so, and one of root always', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('by-code', { uses: ['code.name'], needsProof: true }), aRule('other'))
  const object = { uid: 'u' }
  await world.waits('root')
  await world.waits('invited', {}, { object })
  await world.waits('proven', {}, { object, proof: true })
  await world.waits('denied', {}, { object, proof: false })
  const { policies } = world.server()
  await policies.round()
  const states = await Promise.all(['root', 'invited', 'proven', 'denied'].map(world.stateOf))
  t.same(states, ['approved', 'pending', 'approved', 'pending'])
  t.match((await policies.status()).rules, [{ name: 'by-code', needsProof: true, withoutProof: 2 }, { name: 'other' }])
  await world.server().operators.reject('denied', 'by hand')
  policies.note('denied')
  await policies.round()
  t.match(
    (await policies.status()).rules,
    [{ withoutProof: 1 }, { withoutProof: undefined }],
    'who is gone waits no more'
  )
})

t.test('an operator who rejects at the same moment wins, and the quota keeps nothing of it', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('all', { quota: 1 }))
  await world.waits('a')
  const { policies, operators } = world.server()
  world.current.first = async () => {
    await operators.reject('a', 'by hand')
    return { number: 0 }
  }
  await policies.round()
  t.match(await world.store.enrolment('a'), { state: 'rejected', reason: 'by hand' })
  t.same(await world.told('a'), [])
  world.current.first = async () => ({ number: 0 })
  await world.waits('b')
  policies.note('b')
  await policies.round()
  t.equal(await world.stateOf('b'), 'approved', 'its place was given back')
})

t.test('an operator who approves at the same moment is the one who approved', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('all', { quota: 5 }))
  await world.waits('a')
  const { policies, operators } = world.server()
  world.current.first = async () => {
    const { key = '' } = (await world.store.enrolment('a')) ?? {}
    await operators.approve('a', { revision: 1, key }, { by: 'alice' })
    return { number: 0 }
  }
  await policies.round()
  const approvals = (await world.store.timeline('a')).filter(({ event }) => event === 'approve')
  t.match(approvals, [{ actor: 'operator', by: 'alice' }])
  t.equal(approvals.length, 1)
  t.same(await world.store.timeline(policySubject('quota/all')), [])
})

t.test('an answer that comes late decides nothing about a machine that changed meanwhile', async (t) => {
  const world = openPolicies(t)
  await world.waits('a')
  const { policies, enrolments } = world.server()
  const seen: string[] = []
  world.current.first = async (_, { seen: { address } }) => {
    seen.push(address)
    if (seen.length > 1) return undefined
    await enrolments.change('a', (one) => ({ enrolment: { ...one, address: '203.0.113.7' }, entries: [] }))
    policies.note('a')
    return { number: 0 }
  }
  await policies.round()
  t.equal(await world.stateOf('a'), 'pending')
  await policies.round()
  t.same(seen, ['192.0.2.1', '203.0.113.7'], 'it is judged again as it is now')
  t.equal(await world.stateOf('a'), 'pending')
})

t.test('a second key that comes while a machine is judged is a doubt, though nothing else changed', async (t) => {
  const world = openPolicies(t)
  await world.waits('a', { conflict: { codeClosed: '2026-01-01T00:00:00.000Z' } })
  const { policies, enrolments } = world.server()
  world.current.first = async () => {
    const other = { key: `sha256:${'9'.repeat(64)}`, address: '192.0.2.2', at: '2026-01-01T00:00:00.000Z' }
    await enrolments.change('a', (one) => ({
      enrolment: { ...one, conflict: { ...one.conflict, seen: [{ ...other, facts: one.facts }] } },
      entries: []
    }))
    return { number: 0 }
  }
  await policies.round()
  t.equal(await world.stateOf('a'), 'pending')
})

t.test('a rule that fails holds its machines, and alerts once a day', async (t) => {
  const world = openPolicies(t)
  world.current.first = async () => ({ number: 0, failed: 'no such key' })
  for (const id of ['a', 'b']) await world.waits(id)
  const { policies } = world.server()
  await policies.round()
  const alerts = () => world.store.timeline(policySubject('rule/all'))
  t.same([await world.stateOf('a'), await world.stateOf('b')], ['pending', 'pending'])
  t.match(await alerts(), [
    { event: 'policy-failed', alert: true, detail: /rule all could not be evaluated: no such key/ }
  ])
  t.equal((await alerts()).length, 1)
  world.clock.advance(2 * hour)
  await policies.round()
  await world.server().policies.round()
  t.equal((await alerts()).length, 1, 'not again on that day')
  const [{ at } = { at: '' }] = await alerts()
  world.clock.advance(24 * hour)
  await policies.round()
  const [again, ...others] = await alerts()
  t.not(again?.at, at, 'but on the next one')
  t.same(others, [], 'in place of the one before')
  world.current.first = async () => ({ number: 0 })
  world.clock.advance(60_000)
  await policies.round()
  t.same([await world.stateOf('a'), await world.stateOf('b')], ['approved', 'approved'], 'it works again')
})

t.test('a machine that changes all the time does not have a rule evaluated that failed for it', async (t) => {
  const world = openPolicies(t)
  let judged = 0
  world.current.first = async () => {
    judged += 1
    return { number: 0, failed: 'slow' }
  }
  await world.waits('a')
  const { policies, enrolments } = world.server()
  for (let change = 0; change < 10; change += 1) {
    await enrolments.change('a', (one) => ({ enrolment: { ...one, address: `192.0.2.${change}` }, entries: [] }))
    policies.note('a')
    await policies.round()
  }
  t.equal(judged, 1)
  world.clock.advance(60_000)
  await policies.round()
  t.equal(judged, 2)
})

t.test('what is not possible now is tried again later', async (t) => {
  const world = openPolicies(t)
  await world.waits('a')
  const { policies } = world.server()
  const holder = { name: 'name-of-a' }
  world.current.first = async () => {
    // a Node that nobody saw in the last pass
    if (!world.nodes.includes(holder)) world.nodes.push(holder)
    return { number: 0 }
  }
  await policies.round()
  t.equal(await world.stateOf('a'), 'pending')
  world.nodes.length = 0
  world.current.first = async () => ({ number: 0 })
  await policies.round()
  t.equal(await world.stateOf('a'), 'pending', 'not at once')
  world.clock.advance(60_000)
  await policies.round()
  t.equal(await world.stateOf('a'), 'approved')
})

t.test('one machine that cannot be judged does not hold up the others for good', async (t) => {
  const world = openPolicies(t)
  await world.waits('a')
  await world.waits('b')
  const broken = new ProblemError('store-damaged')
  const { policies } = world.server({
    code: async (id) => (id === 'code-a' ? Promise.reject(broken) : world.store.code(id))
  })
  await t.rejects(policies.round(), broken)
  await policies.round()
  t.same([await world.stateOf('a'), await world.stateOf('b')], ['pending', 'approved'])
})

t.test('a policy that is loaded is an entry, and one that is wrong an alert of at most one an hour', async (t) => {
  const world = openPolicies(t)
  const { policies } = world.server()
  world.current.news = { loaded: world.current.policy }
  await policies.round()
  t.match(await world.store.timeline(policySubject('loaded')), [
    { event: 'policy-loaded', detail: 'mode enforce, 1 rules, sha256:00', alert: false }
  ])
  for (const text of ['a', 'b']) {
    world.current.news = { refused: [text] }
    await policies.round()
  }
  t.match(await world.store.timeline(policySubject('file')), [{ event: 'policy-refused', detail: 'a', alert: true }])
  world.clock.advance(hour)
  world.current.news = { refused: ['c'] }
  await policies.round()
  t.match(await world.store.timeline(policySubject('file')), [{ detail: 'c' }])
})

t.test('the status has the policy that counts, its quotas, and why the file does not count', async (t) => {
  const world = openPolicies(t)
  world.current.policy = aPolicy(aRule('some', { quota: 2 }), aRule('no', { verdict: 'reject' }))
  world.current.problems = ['policy.yaml:1: mode: is missing']
  await world.waits('a')
  const { policies } = world.server()
  await policies.round()
  t.same(await policies.status(), {
    file: '/etc/joinery/policy.yaml',
    mode: 'enforce',
    hash: 'sha256:00',
    rules: [
      { name: 'some', verdict: 'approve', quota: 2, approved: 1 },
      { name: 'no', verdict: 'reject' }
    ],
    trouble: ['policy.yaml:1: mode: is missing']
  })
  world.clock.advance(hour)
  t.match(await policies.status(), { rules: [{ approved: 0 }] }, 'a new hour')
})
