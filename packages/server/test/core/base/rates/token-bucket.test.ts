import { Buckets, CallRates, take } from '@joinery/server/testing/rates'
import t from 'tap'

const rate = { each: 1000, burst: 3 }
const now = 50_000

const cases: [what: string, fullAt: number | undefined, taken: ReturnType<typeof take>][] = [
  ['a bucket that nothing was taken of', undefined, { fullAt: now + 1000 }],
  ['a bucket that is full for long', 1, { fullAt: now + 1000 }],
  ['a bucket that is full just now', now, { fullAt: now + 1000 }],
  ['a bucket that lacks one', now + 1000, { fullAt: now + 2000 }],
  ['a bucket that lacks a part of one', now + 300, { fullAt: now + 1300 }],
  ['a bucket with the last one in it', now + 2000, { fullAt: now + 3000 }],
  ['a bucket that lacks a little of the last one', now + 2001, { wait: 1 }],
  ['a bucket that is empty', now + 3000, { wait: 1000 }],
  ['a bucket that is full in a year', now + 31_536_000_000, { wait: 1000 }]
]

for (const [what, fullAt, taken] of cases) {
  t.test(`to take from ${what} ${'wait' in taken ? 'must wait' : 'succeeds'}`, async (t) =>
    t.same(take(fullAt, now, rate), taken)
  )
}

const stopped = () => {
  let time = now
  const clock = () => time
  const advance = (milliseconds: number) => {
    time += milliseconds
  }
  return { clock, advance }
}

t.test('a bucket gives a burst and then what the time brings, and a refusal costs nothing', async (t) => {
  const { clock, advance } = stopped()
  const buckets = new Buckets(rate, clock, 10)
  const takes = (count: number) => Array.from({ length: count }, () => buckets.take('a'))
  t.same(takes(5), [0, 0, 0, 1000, 1000])
  advance(999)
  t.same(takes(2), [1, 1])
  advance(1)
  t.same(takes(2), [0, 1000])
  advance(3_600_000)
  t.same(takes(4), [0, 0, 0, 1000], 'a long time brings no more than a burst')
})

t.test('a key that takes everything leaves the others their share', async (t) => {
  const buckets = new Buckets(rate, stopped().clock, 10)
  for (let time = 0; time < 100; time += 1) buckets.take('greedy')
  t.equal(buckets.take('honest'), 0)
})

t.test('a bucket that is full again is forgotten', async (t) => {
  const { clock, advance } = stopped()
  const buckets = new Buckets(rate, clock, 1_000_000)
  for (let key = 0; key < 1000; key += 1) buckets.take(`key ${key}`)
  t.equal(buckets.size, 1000)
  advance(1000)
  buckets.take('another')
  t.equal(buckets.size, 1)
})

t.test('the number of remembered keys is bounded, and each key gets its own share', async (t) => {
  const buckets = new Buckets(rate, stopped().clock, 100)
  for (let time = 0; time < 3; time += 1) buckets.take('greedy')
  t.equal(buckets.take('greedy'), 1000)
  for (let key = 0; key < 99; key += 1) t.equal(buckets.take(`key ${key}`), 0, `${key}`)
  t.equal(buckets.take('greedy'), 1000, 'strangers do not give it more')
  for (let key = 99; key < 5000; key += 1) buckets.take(`key ${key}`)
  t.equal(buckets.size, 100)
})

t.test('a call over its rate gets whole seconds to wait, and another call has its own rate', async (t) => {
  const { clock, advance } = stopped()
  const rates = new CallRates(clock)
  const refusal = () => {
    for (;;) rates.require('observations', 'a')
  }
  t.throws(refusal, { code: 'too-many-requests', retryAfter: 1 })
  rates.require('progress', 'a')
  rates.require('observations', 'b')
  advance(1000)
  rates.require('observations', 'a')
})
