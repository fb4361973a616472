import { noFacts } from '@joinery/protocol'
import t from 'tap'
import { DialBack } from '../src/dial-back/dial-back.ts'
import type { Dialled } from '../src/dial-back/dialler.ts'
import { judgeReach } from '../src/dial-back/judge-reach.ts'

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
const machine = (id: string) => ({ id, facts: { ...noFacts, addresses: ['10.0.0.66'] } })

/** A dialler that answers when the test says so; `dialled` is whom it was told to dial. */
const patient = () => {
  const dialled: string[] = []
  const answer = Promise.withResolvers<Dialled>()
  const dialBack = new DialBack({
    dial: (address, port) => {
      dialled.push(`${address}:${port}`)
      return answer.promise
    }
  })
  return { dialBack, dialled, answer: answer.resolve }
}

t.test('dialled is what the server sees, whatever the machine claims', async (t) => {
  const { dialBack, dialled, answer } = patient()
  answer('refused')
  t.same(await dialBack.reach(machine('e1'), '192.0.2.1', request), {
    address: '192.0.2.1',
    ports: [{ port: 10250, reach: 'behind-nat' }]
  })
  t.same(dialled, ['192.0.2.1:10250'])
})

t.test('one try at a time for each enrolment; the next one is let in when it is over', async (t) => {
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

t.test('so many machines are dialled at once, and no more', async (t) => {
  const { dialBack, dialled, answer } = patient()
  const calls = Array.from({ length: 64 }, (_, index) => dialBack.reach(machine(`e${index}`), '192.0.2.1', request))
  await t.rejects(dialBack.reach(machine('late'), '192.0.2.1', request), { code: 'too-many-requests' })
  t.equal(dialled.length, 64)
  answer('open')
  await Promise.all(calls)
  await t.resolves(dialBack.reach(machine('late'), '192.0.2.1', request))
})
