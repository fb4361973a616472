import t from 'tap'
import { addressGroup } from '../../../src/core/base/address-group.ts'
import { Crowd } from '../../../src/front/connection-guard/crowd.ts'
import { decideAdmission } from '../../../src/front/connection-guard/decide-admission.ts'
import { overdue } from '../../../src/front/connection-guard/overdue.ts'
import { Turns } from '../../../src/front/connection-guard/turns.ts'
import type { Step, Visitor } from '../../../src/front/connection-guard/visitor.ts'

t.test('an IPv4 address has its own budget, and the addresses of an IPv6 /64 share one', async (t) => {
  for (const [address, group] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['2001:0:0:1::1', '2001:0:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::5054:ff:fe30:b%eth0', 'fe80:0:0:0::/64'],
    [undefined, '']
  ] as const) {
    t.equal(addressGroup(address), group, `${address}`)
  }
})

const limits = { all: 10, strangers: 6, strangersOfAddress: 3, requestsOfStranger: 100, ofKey: 4 }

t.test('a new connection is admitted, or displaces a neighbour or a stranger, by the counts at the door', async (t) => {
  for (const [all, strangers, strangersOfAddress, admission] of [
    [0, 0, 0, 'admit'],
    [9, 5, 2, 'admit'],
    [5, 3, 3, 'displace-neighbour'],
    [10, 6, 3, 'displace-neighbour'],
    [6, 6, 0, 'displace-stranger'],
    [10, 1, 0, 'displace-stranger'],
    [10, 0, 0, 'refuse']
  ] as const) {
    t.equal(
      decideAdmission({ all, strangers, strangersOfAddress }, limits),
      admission,
      `${all} in, ${strangers} strangers, ${strangersOfAddress} of the address`
    )
  }
})

t.test('a connection is late after the time of its step', async (t) => {
  const budgets = {
    handshakes: { silence: 300, timeout: 500, bytes: 0, stepsInTurn: 0 },
    keepAlive: { strangers: 700, known: 0 }
  }
  for (const [step, after, late] of [
    ['silent', 299, false],
    ['silent', 300, true],
    ['waiting', 60_000, false],
    ['shaking', 499, false],
    ['shaking', 500, true],
    ['idle', 699, false],
    ['idle', 700, true],
    ['asking', 60_000, false]
  ] as const) {
    t.equal(overdue({ step, since: 1000 }, 1000 + after, budgets), late, `${step} for ${after} ms`)
  }
})

t.test('addresses are served in turn, and each address in the order of arrival', async (t) => {
  const turns = new Turns<{ group: string; name: string }>()
  const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2'].map((name) => ({ group: name.slice(0, 1), name }))
  for (const one of all) turns.add(one)
  turns.add(all[0] as (typeof all)[0])
  turns.remove(all[1] as (typeof all)[0])
  turns.add({ group: 'a', name: 'a5' }, true)
  t.same(
    [all[0], all[1]].map((one) => turns.has(one as (typeof all)[0])),
    [true, false]
  )
  const order: string[] = []
  while (!turns.empty) order.push(turns.next()?.name ?? '')
  t.same(order, ['a5', 'b1', 'c1', 'a1', 'b2', 'a3', 'a4'], 'but what has begun comes before')
  t.equal(turns.next(), undefined)
})

const visitor = (group: string): Visitor => ({ group, step: 'silent', since: 0, known: false, cut: () => {} })
const step: Step = 'idle'

t.test('the oldest stranger is the one whose step began first, and a known connection is no stranger', async (t) => {
  const crowd = new Crowd<Visitor>()
  const [a, b, c] = [visitor('a'), visitor('b'), visitor('b')]
  for (const one of [a, b, c]) crowd.add(one)
  t.equal(crowd.oldest(), a)
  t.equal(crowd.oldest('b'), b)
  crowd.begin(a, step, 1)
  t.equal(crowd.oldest(), b)
  crowd.setKnown(b, true)
  t.equal(crowd.oldest(), c)
  t.equal(crowd.oldest('b'), c)
  t.same(crowd.census('b'), { all: 3, strangers: 2, strangersOfAddress: 1 })
  crowd.setKnown(b, false)
  t.same(crowd.census('b'), { all: 3, strangers: 3, strangersOfAddress: 2 })
})

t.test('a connection that left is counted no more, however often it leaves', async (t) => {
  const crowd = new Crowd<Visitor>()
  const [a, b] = [visitor('a'), visitor('a')]
  for (const one of [a, b]) {
    crowd.add(one)
    crowd.prove(one, 'key')
  }
  t.same(crowd.ofKey('key'), [a, b])
  crowd.setKnown(b, true)
  for (const one of [a, a, b, b]) crowd.remove(one)
  for (const one of [a, b]) crowd.begin(one, step, 2)
  t.same(crowd.census('a'), { all: 0, strangers: 0, strangersOfAddress: 0 })
  t.same(crowd.ofKey('key'), [])
  t.equal(crowd.oldest('a'), undefined)
})
