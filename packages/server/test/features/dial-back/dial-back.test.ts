import { noFacts } from '@joinery/protocol'
import t from 'tap'
import { budgets } from '../../../src/core/base/budgets.ts'
import type { Dialled } from '../../../src/core/ports/dialler.ts'
import { DialBack, hasSlot, judgeReach } from '../../../src/features/dial-back/dial-back.ts'

const cases: [dialled: Dialled, seen: string, claimed: string[], reach: string][] = [
  ['open', '10.0.0.1', ['10.0.0.1'], 'open'],
  ['refused', '10.0.0.1', ['10.0.0.1', '10.0.0.2'], 'refused'],
  ['no-answer', '10.0.0.1', ['10.0.0.1'], 'no-answer'],
  ['open', '192.0.2.1', ['10.0.0.1'], 'open'],
  ['refused', '192.0.2.1', ['10.0.0.1'], 'behind-nat'],
  ['no-answer', '192.0.2.1', ['10.0.0.1'], 'behind-nat'],
  ['no-answer', '192.0.2.1', [], 'behind-nat']
]

for (const [dialled, seen, claimed, reach] of cases) {
  t.test(`${dialled} at ${seen}, of a machine that claims ${claimed.join(' ') || 'nothing'}: ${reach}`, async (t) => {
    t.equal(judgeReach(dialled, seen, claimed), reach)
  })
}

const request = { ports: [10250], nonce: 'ab'.repeat(32) }
const machine = (id: string, code = `code of ${id}`) => ({ id, code, facts: { ...noFacts, addresses: ['10.0.0.66'] } })

/** A dialler that answers when the test says so; `dialled` is whom it was told to dial. */
const patient = () => {
  const dialled: string[] = []
  const answer = Promise.withResolvers<Dialled>()
  const dialBack = new DialBack({
    dial: (address, port) => {
      dialled.push(`${address}:${port}`)
      return answer.promise
    },
    knock: (address, port) => {
      dialled.push(`knock ${address}:${port}`)
      return answer.promise
    }
  })
  return { dialBack, dialled, answer: answer.resolve }
}

t.test('the server dials the address that it sees, whatever the machine claims', async (t) => {
  const { dialBack, dialled, answer } = patient()
  answer('refused')
  t.same(await dialBack.reach(machine('e1'), '192.0.2.1', request), {
    address: '192.0.2.1',
    ports: [{ port: 10250, reach: 'behind-nat' }]
  })
  t.same(dialled, ['192.0.2.1:10250'])
})

t.test('an enrolment has one dial at a time, and the next one may come after it', async (t) => {
  const { dialBack, dialled, answer } = patient()
  const first = dialBack.reach(machine('e1'), '192.0.2.1', request)
  const flood = Array.from({ length: 20 }, () => dialBack.reach(machine('e1'), '192.0.2.1', request))
  for (const call of flood) await t.rejects(call, { code: 'too-many-requests', retryAfter: 5 })
  const other = dialBack.reach(machine('e2'), '192.0.2.1', request)
  answer('open')
  await Promise.all([first, other])
  t.equal(dialled.length, 2)
  await t.resolves(dialBack.reach(machine('e1'), '192.0.2.1', request))
})

const { slots } = budgets.dialBack

const shares: [what: string, taken: Parameters<typeof hasSlot>[0], has: boolean][] = [
  ['the first one', { all: 0, code: 0, address: 0 }, true],
  ['one more of a code that has a third', { all: 21, code: 21, address: 0 }, true],
  ['one more of a code that has more than a third', { all: 22, code: 22, address: 0 }, false],
  ['another code at the address of those', { all: 22, code: 0, address: 22 }, true],
  ['one more at an address that has half', { all: 32, code: 0, address: 32 }, false],
  ['another address of a code that has few', { all: 32, code: 1, address: 0 }, true],
  ['the last one', { all: slots - 1, code: 0, address: 0 }, true],
  ['one more where all are taken', { all: slots, code: 0, address: 0 }, false]
]

for (const [what, taken, has] of shares) t.equal(hasSlot(taken, slots), has, what)

t.test('a hundred machines of one code do not keep out another machine, not even at their address', async (t) => {
  const { dialBack, dialled, answer } = patient()
  const leaked = Array.from({ length: 100 }, (_, index) =>
    dialBack.reach(machine(`e${index}`, 'leaked'), '192.0.2.1', request).catch((error: unknown) => error)
  )
  const honest = dialBack.reach(machine('honest'), '192.0.2.1', request)
  t.equal(dialled.length, 22 + 1)
  answer('open')
  await t.resolves(honest)
  await Promise.all(leaked)
  await t.resolves(dialBack.reach(machine('late', 'leaked'), '192.0.2.1', request), 'when they are over, again')
})

t.test('a hundred machines at one address do not keep out one at another address', async (t) => {
  const { dialBack, dialled, answer } = patient()
  const here = Array.from({ length: 100 }, (_, index) =>
    dialBack.reach(machine(`e${index}`), `2001:db8::${index}`, request).catch((error: unknown) => error)
  )
  const honest = dialBack.reach(machine('honest'), '2001:db8:0:1::1', request)
  t.equal(dialled.length, slots / 2 + 1)
  answer('open')
  await t.resolves(honest)
  await Promise.all(here)
})

t.test('the number of machines that are dialled at once is bounded', async (t) => {
  const { dialBack, dialled, answer } = patient()
  const calls = Array.from({ length: slots }, (_, index) =>
    dialBack.reach(machine(`e${index}`), `192.0.2.${index}`, request)
  )
  await t.rejects(dialBack.reach(machine('late'), '192.0.2.200', request), { code: 'too-many-requests' })
  t.equal(dialled.length, slots)
  answer('open')
  await Promise.all(calls)
  await t.resolves(dialBack.reach(machine('late'), '192.0.2.200', request))
})

t.test('the server knocks only at the port of a kubelet, at the address where it saw the machine', async (t) => {
  const { dialBack, dialled, answer } = patient()
  answer('refused')
  const seen = { ...machine('e1'), address: '10.0.0.66' }
  t.same(await dialBack.knock(seen), { address: '10.0.0.66', answer: 'refused' })
  t.equal(await dialBack.knock({ ...seen, address: '192.0.2.1' }), undefined, 'behind an address that is not its own')
  t.equal(await dialBack.knock({ ...seen, address: '' }), undefined, 'no agent came')
  t.same(dialled, ['knock 10.0.0.66:10250'])
})

t.test('a knock takes a slot of dials, and there is none beside a dial of the same machine', async (t) => {
  const { dialBack, dialled, answer } = patient()
  const seen = { ...machine('e1'), address: '10.0.0.66' }
  const first = dialBack.knock(seen)
  t.equal(await dialBack.knock(seen), undefined)
  await t.rejects(dialBack.reach(machine('e1'), '192.0.2.1', request), { code: 'too-many-requests' })
  const calls = Array.from({ length: slots - 1 }, (_, index) =>
    dialBack.reach(machine(`x${index}`), `192.0.2.${index}`, request)
  )
  t.equal(await dialBack.knock({ ...seen, id: 'late' }), undefined, 'all slots are taken')
  t.equal(dialled.length, slots)
  answer('open')
  await Promise.all([first, ...calls])
})
