import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve, refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

const minute = 60_000
const free = ({ operator }: Pairing, uses = 10) => operator.createCode({ uses, ttl: 7200 })
const enrolled = async (pairing: Pairing, code: string, name: string) => {
  const machine = await pairing.machine()
  return { machine, ...(await machine.enrol(code, { name })) }
}
const asks = async (pairing: Pairing, code: string, name: string) =>
  refusedWith((await pairing.machine()).enrol(code, { name }))

t.test('another code cannot take the name of an open code, before and after its machine comes', async (t) => {
  const pairing = await openPairing(t)
  const many = await free(pairing)
  const one = await pairing.operator.createCode({ ttl: 7200 })
  const { code } = await pairing.code('db-1')
  for (const other of [many.code, one.code]) t.equal(await asks(pairing, other, 'db-1'), 'invalid-name', 'open')
  t.match(await enrolled(pairing, one.code, 'db-3'), { name: 'db-3' }, 'and the other code was not used by that')
  const owner = await enrolled(pairing, code, 'whatever')
  t.equal(owner.name, 'db-1')
  t.equal(await asks(pairing, many.code, 'db-1'), 'invalid-name', 'used')
  t.match(await approve(pairing, 'db-1'), { state: 'approved' })
  await owner.machine.server.claim()
  await pairing.restart()
  t.equal(await asks(pairing, many.code, 'db-1'), 'invalid-name', 'joining')
  const { timeline } = await pairing.operator.showCode(many.id)
  t.match(timeline.at(-1), {
    event: 'refused',
    detail: /^another code names the name; presented by key .*, which asked for db-1$/
  })
})

t.test('a waiting machine cannot take the name of an open code', async (t) => {
  const pairing = await openPairing(t)
  const many = await free(pairing)
  const { machine } = await enrolled(pairing, many.code, 'db-2')
  await pairing.code('db-1')
  t.equal(await refusedWith(machine.enrol(many.code, { name: 'db-1' })), 'invalid-name')
  t.match(await machine.enrol(many.code, { name: 'db-2' }), { name: 'db-2', state: 'pending' })
})

t.test('a name is free again after its code is over or revoked unused, or its enrolment has ended', async (t) => {
  const pairing = await openPairing(t)
  const many = await free(pairing)
  const unused = await pairing.code('db-1', 60)
  pairing.clock.advance(minute)
  t.match(await enrolled(pairing, many.code, 'db-1'), { name: 'db-1' }, 'over')
  t.ok(unused)
  const revoked = await pairing.code('db-2')
  await pairing.operator.revokeCode(revoked.id)
  t.match(await enrolled(pairing, many.code, 'db-2'), { name: 'db-2' }, 'revoked')
  const used = await pairing.code('db-3')
  await enrolled(pairing, used.code, '')
  await pairing.operator.revokeCode(used.id)
  t.equal(await asks(pairing, many.code, 'db-3'), 'invalid-name', 'revoked after its use: its machine has the name')
  await pairing.operator.reject('db-3', { reason: 'not ours' })
  t.match(await enrolled(pairing, many.code, 'db-3'), { name: 'db-3' }, 'rejected')
})

t.test('two codes may have one name, and an operator decides which machine gets it', async (t) => {
  const pairing = await openPairing(t)
  const first = await enrolled(pairing, (await pairing.code('db-1')).code, '')
  const second = await enrolled(pairing, (await pairing.code('db-1')).code, '')
  t.match(await pairing.operator.show(first.id), { nameConflict: `enrolment ${second.id} (pending)` }, 'it warns')
  t.match(await approve(pairing, second.id), { state: 'approved' })
  t.equal(await refusedWith(approve(pairing, first.id)), 'name-in-use', 'whom the name was given to has it')
})

t.test('waiting machines do not stop an approval, however many want the name', async (t) => {
  const pairing = await openPairing(t)
  const many = await free(pairing, 20)
  for (let number = 0; number < 10; number += 1) await enrolled(pairing, many.code, 'db-1')
  const { id, machine } = await enrolled(pairing, (await pairing.code('db-1')).code, '')
  await t.rejects(pairing.operator.show('db-1'), { code: 'name-in-use', remedy: /^use an id: [^,]+(, [^,]+){4}, ...$/ })
  t.match(await approve(pairing, id), { state: 'approved' })
  t.match(await machine.server.claim(), { nodeName: 'db-1' })
})

t.test('waiting machines do not stop a join command', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, (await free(pairing)).code, 'db-1')
  t.match(await pairing.operator.joinCommand({ name: 'db-1', ttl: 900 }), { name: 'db-1' })
})

t.test('a pattern skips a number whose name an open code has', async (t) => {
  const pairing = await openPairing(t)
  await pairing.code('worker-1')
  await pairing.code('worker-3', 60)
  const fleet = await pairing.operator.createCode({ name: 'worker-{n}', uses: 3, ttl: 7200 })
  t.match(await enrolled(pairing, fleet.code, ''), { name: 'worker-2' })
  t.match(await enrolled(pairing, fleet.code, ''), { name: 'worker-4' })
  pairing.clock.advance(minute)
  t.match(await enrolled(pairing, fleet.code, ''), { name: 'worker-3' }, 'until it is over')
})

t.test('a code that is made while machines ask for its name leaves at most pending twins', async (t) => {
  const pairing = await openPairing(t)
  const many = await free(pairing)
  const machines = await Promise.all(Array.from({ length: 5 }, () => pairing.machine()))
  const [made] = await Promise.all([
    pairing.code('db-1'),
    ...machines.map((machine) => refusedWith(machine.enrol(many.code, { name: 'db-1' })))
  ])
  const { id } = await enrolled(pairing, made.code, '')
  t.match(await approve(pairing, id), { state: 'approved', name: 'db-1' })
  const { items } = await pairing.operator.list()
  t.same(items.filter(({ state }) => state !== 'pending').length, 1)
})
