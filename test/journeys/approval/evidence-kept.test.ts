import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, claimToken, refusedWith, retry } from '@joinery/testing/pairing/steps'
import t from 'tap'

const swapIsOn = { name: 'swap', verdict: 'warn' as const, finding: 'swap is on' }
const pass = { name: 'mtu', verdict: 'pass' as const, finding: '1500' }
const failed = { outcome: 'failed', attempt: 1, class: 'machine', stage: '', output: [] as string[] } as const
const certificate = { fingerprint: `sha256:${'a'.repeat(64)}`, serial: 'ABCD' }

const enrolled = async (pairing: Pairing, name: string, machineId?: string) => {
  const machine = await pairing.machine(machineId)
  const { code } = await pairing.code(name)
  await machine.enrol(code, { preflight: [pass, swapIsOn] })
  return { machine, code }
}
const alerts = async ({ operator }: Pairing, name: string) =>
  (await operator.show(name)).timeline.filter(({ alert }) => alert).map(({ detail }) => detail)

const ends: [state: string, end: (pairing: Pairing) => Promise<unknown>][] = [
  ['rejected', (pairing) => pairing.operator.reject('worker-1', { reason: 'not ours' })],
  [
    'expired',
    async ({ clock, reconcile }) => {
      clock.advance(24 * 3600_000)
      await reconcile()
    }
  ],
  [
    'removed',
    async (pairing) => {
      pairing.clock.advance(24 * 3600_000)
      await pairing.reconcile()
      await pairing.operator.remove('worker-1')
    }
  ]
]

for (const [state, end] of ends) {
  t.test(`an enrolment that is ${state} keeps the evidence of its decision, whatever the machine sends`, async (t) => {
    const pairing = await openPairing(t)
    const { machine, code } = await enrolled(pairing, 'worker-1')
    await approve(pairing, 'worker-1')
    const { attempt } = await claimToken(machine)
    // the server ends the attempt before its agent has closed it
    pairing.clock.advance(600_000)
    await pairing.reconcile()
    await end(pairing)
    const before = await pairing.operator.show('worker-1')
    t.equal(before.state, state)
    const facts = { ...machine.facts, os: 'after', macs: ['02:00:00:00:00:01'], machineId: 'f'.repeat(32) }
    const server = machine.server
    const late: [string, () => Promise<unknown>, string | undefined][] = [
      ['an observation', () => server.observe({ facts, preflight: [] }), undefined],
      ['its code again', () => machine.enrol(code, { name: 'other', facts }), undefined],
      ['a stage', () => server.progress({ attempt, stage: '[kubelet-start]' }), undefined],
      ['that the attempt failed', () => server.outcome({ ...failed, certificate }), undefined],
      ['that one failed which never was', () => server.outcome({ ...failed, attempt: 2 }), 'illegal-event'],
      ['that it is ready', () => server.outcome({ outcome: 'ready', certificate }), 'illegal-event'],
      ['a claim', () => server.claim(), 'illegal-event'],
      ['a poll', () => server.wait(0, 0, new AbortController().signal), undefined]
    ]
    for (const [what, call, answer] of late) t.equal(await refusedWith(call()), answer, what)
    await pairing.restart()
    t.same(await pairing.operator.show('worker-1'), before)
  })
}

t.test('the approved evidence stays readable, whatever the machine says afterwards', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await enrolled(pairing, 'worker-1')
  const shown = await pairing.operator.show('worker-1')
  t.equal(shown.approved, undefined)
  await approve(pairing, 'worker-1')
  const { facts, key, address, revision } = shown
  const approved = { name: 'worker-1', key, revision, address, facts, preflight: [swapIsOn] }
  t.match((await pairing.operator.show('worker-1')).approved, approved)

  await machine.server.claim()
  await machine.server.observe({ facts: { ...facts, os: 'another', macs: ['02:00:00:00:00:01'] }, preflight: [] })
  await pairing.restart()
  const after = await pairing.operator.show('worker-1')
  t.match(after, { state: 'joining', facts: { os: 'another' }, approved })
  t.strictSame(after.approved?.facts, facts)
})

t.test('a machine that became another one in the middle of a join gets no second attempt unseen', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  await machine.server.claim()
  const facts = { ...machine.facts, serial: 'ANOTHER' }
  t.match(await machine.server.observe({ facts, preflight: [] }), { state: 'joining' })
  await machine.server.outcome(failed)
  t.equal(await refusedWith(machine.server.claim()), 'illegal-event')
  t.match(await pairing.operator.show('worker-1'), { state: 'pending', facts: { serial: 'ANOTHER' } })
  await approve(pairing, 'worker-1')
  t.match(await machine.server.claim(), { attempt: 2 })
})

t.test('a retry approves the present evidence of the machine', async (t) => {
  const pairing = await openPairing(t)
  const { machine } = await enrolled(pairing, 'worker-1')
  await approve(pairing, 'worker-1')
  for (const attempt of [1, 2, 3]) {
    await machine.server.claim()
    await machine.server.outcome({ ...failed, attempt })
  }
  await machine.server.observe({ facts: { ...machine.facts, serial: 'ANOTHER' }, preflight: [] })
  await retry(pairing, 'worker-1')
  t.match(await pairing.operator.show('worker-1'), { state: 'approved', approved: { facts: { serial: 'ANOTHER' } } })
  t.match(await machine.server.claim(), { attempt: 4 })
})

t.test(
  'a machine that takes the identity of another one after its approval blocks only itself, and alerts once',
  async (t) => {
    const pairing = await openPairing(t)
    const [rogue, victim] = [await enrolled(pairing, 'rogue'), await enrolled(pairing, 'victim')]
    await approve(pairing, 'rogue')
    await approve(pairing, 'victim')
    await rogue.machine.server.claim()
    const { macs } = victim.machine.facts
    const productUuid = '4c4c4544-0042-3510-8052-b4c04f4e3732'
    const steal = (part: object) =>
      rogue.machine.server.observe({ facts: { ...rogue.machine.facts, ...part }, preflight: [] })
    await steal({ macs })
    for (let again = 0; again < 3; again += 1) {
      await steal({})
      await steal({ macs })
    }
    t.match(await alerts(pairing, 'rogue'), [
      new RegExp(`^after its approval it says: MAC address ${macs[0]} also belongs to victim `)
    ])
    t.equal((await alerts(pairing, 'rogue')).length, 1)
    t.same(await alerts(pairing, 'victim'), [])

    await pairing.restart()
    t.match(await victim.machine.server.claim(), { nodeName: 'victim' })
    const checkOf = async (name: string) =>
      (await pairing.operator.show(name)).preflight.find(({ name }) => name === 'unique-machine')
    t.match(await checkOf('rogue'), { verdict: 'fail', finding: /also belongs to victim/ })
    t.match(await checkOf('victim'), { verdict: 'pass' })

    const third = await pairing.machine()
    Object.assign(third.facts, { productUuid })
    await third.enrol((await pairing.code('third')).code)
    await approve(pairing, 'third')
    await steal({ productUuid })
    t.match(await third.server.claim(), { nodeName: 'third' }, 'nor by a UUID')
    await rogue.machine.server.outcome(failed)
    t.not(await refusedWith(rogue.machine.server.claim()), undefined, 'and gets nothing more itself')
  }
)

t.test('identities that are taken one after the other alert at most ten times', async (t) => {
  const pairing = await openPairing(t)
  const { machine: rogue } = await enrolled(pairing, 'rogue')
  await approve(pairing, 'rogue')
  await rogue.server.claim()
  for (let number = 1; number <= 12; number += 1) {
    const { machine: victim } = await enrolled(pairing, `victim-${number}`)
    await approve(pairing, `victim-${number}`)
    await rogue.server.observe({ facts: { ...rogue.facts, macs: victim.facts.macs }, preflight: [] })
    // so that it is not refused for calling too often
    pairing.clock.advance(1_000)
  }
  t.equal((await alerts(pairing, 'rogue')).length, 10)
})

t.test('show is of one moment, so the timeline ends with the event of the state', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, 'worker-1')
  const { nameHolder } = pairing.cluster
  // it expires while the API server is asked for what else has the name
  pairing.cluster.nameHolder = async (asked) => {
    pairing.cluster.nameHolder = nameHolder
    pairing.clock.advance(30 * 24 * 3600_000)
    await pairing.reconcile()
    return nameHolder(asked)
  }
  const { state, timeline } = await pairing.operator.show('worker-1')
  t.same([state, timeline.at(-1)?.event], ['pending', 'enrol'])
  t.equal((await pairing.operator.show('worker-1')).state, 'expired', 'and it was over before the answer')
})
