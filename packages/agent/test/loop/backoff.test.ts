import t from 'tap'
import { backoff, type Failures, noFailures, pauseAfterError, withFailure } from '../../src/loop/backoff.ts'
import { Refused, Unreachable } from '../../src/pairing/pairing-server.ts'

const highest = 1 - Number.EPSILON

const caps: [number, number][] = [
  [0, 1000],
  [1, 2000],
  [2, 4000],
  [3, 8000],
  [4, 16_000],
  [5, 30_000],
  [6, 30_000],
  [1_000_000, 30_000]
]

for (const [failures, cap] of caps) {
  t.test(`after ${failures} failures in a row the next try comes at any time within ${cap} ms`, async (t) => {
    t.equal(backoff(failures, 0, false, 0), 250)
    t.equal(backoff(failures, 0.5, false, 0), cap / 2 + 250)
    t.ok(backoff(failures, highest, false, 0) <= cap + 250)
  })
}

t.test('if only a person can help, the agent tries about once a minute, however often it failed', async (t) => {
  for (const failures of [0, 1, 1000]) {
    t.equal(backoff(failures, 0, true, 0), 45_000, `${failures}`)
    t.equal(backoff(failures, 0.5, true, 0), 60_000, `${failures}`)
    t.ok(backoff(failures, highest, true, 0) <= 75_000, `${failures}`)
  }
})

t.test('a pause that the server asks for is added, up to five minutes', async (t) => {
  t.equal(backoff(0, 0.5, false, 20_000), 20_750)
  t.equal(backoff(0, 0.5, true, 20_000), 80_000)
  t.equal(backoff(0, 0.5, false, 86_400_000), 300_750)
})

const failed = (all: number, lonely = all): Failures => ({ all, lonely })
const elsewhere = new Unreachable('x', { next: 'elsewhere', retryAfter: 60_000 })
const soon = (retryAfter: number) => new Unreachable('x', { next: 'soon', retryAfter })
const gone = new Unreachable('x', { retryAfter: 20_000 })

t.test('another server is asked within a second, however often all of them failed', async (t) => {
  for (const failures of [0, 5, 1000]) {
    t.equal(pauseAfterError(elsewhere, failed(failures), 0, false), 0)
    t.equal(pauseAfterError(elsewhere, failed(failures), 0.5, false), 500)
  }
})

t.test('while a server stands by, no pause is over 21 seconds, whatever it asks for', async (t) => {
  t.equal(pauseAfterError(soon(0), failed(0), 0.5, false), 750)
  t.equal(pauseAfterError(soon(1000), failed(0), 0.5, false), 1750)
  t.equal(pauseAfterError(soon(0), failed(1000), 0.5, false), 2250)
  t.ok(pauseAfterError(soon(86_400_000), failed(1000), highest, false) <= 20_250)
})

t.test('agents that were told when another server is active spread over four seconds from then on', async (t) => {
  for (const failures of [0, 1, 1000]) {
    t.equal(pauseAfterError(soon(2_001), failed(failures), 0, false), 2_251, `${failures}`)
    t.equal(pauseAfterError(soon(9_000), failed(failures), 0.5, false), 11_250, `${failures}`)
  }
  t.equal(pauseAfterError(soon(2_000), failed(0), 0.5, false), 2_750, 'nobody said when')
})

t.test('after any other error the agent waits as ever', async (t) => {
  t.equal(pauseAfterError(gone, failed(1), 0.5, false), backoff(1, 0.5, false, 20_000))
  t.equal(pauseAfterError(new Refused('internal', 'x'), failed(3), 0.5, true), backoff(3, 0.5, true, 0))
  t.equal(pauseAfterError(new Error('x'), failed(3), 0.5, false), backoff(3, 0.5, false, 0))
})

t.test('a moment in which nobody listens between two servers costs no long pause', async (t) => {
  let failures = noFailures
  for (const error of [gone, elsewhere, soon(0), elsewhere, soon(0), soon(0)]) failures = withFailure(failures, error)
  t.same(failures, { all: 4, lonely: 0 })
  t.equal(pauseAfterError(gone, failures, 0.5, false), backoff(0, 0.5, false, 20_000))
  failures = withFailure(withFailure(failures, gone), gone)
  t.same(failures, { all: 6, lonely: 2 })
})
