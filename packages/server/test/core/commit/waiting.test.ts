import t from 'tap'
import { Waiting } from '../../../src/core/commit/waiting.ts'

const ever = new AbortController().signal

/** Polls where there is room. */
const poll = (waiting: Waiting, key: string, milliseconds = 60_000, gone = ever) => {
  const polled = waiting.poll(key, milliseconds, gone)
  if (polled === undefined) throw new Error('there is no room')
  return polled
}

t.test('a change wakes only the poll for its key', async (t) => {
  const waiting = new Waiting()
  const [one, other] = [poll(waiting, 'a'), poll(waiting, 'b', 1)]
  waiting.notify('a')
  t.same(await Promise.all([one.over, other.over]), ['changed', 'nothing'])
})

t.test('a change between polling and looking is not missed', async (t) => {
  const waiting = new Waiting()
  const polled = poll(waiting, 'a')
  waiting.notify('a')
  t.equal(await polled.over, 'changed')
})

t.test('a newer poll ends the older one of its key, and the older one cannot touch it afterwards', async (t) => {
  const waiting = new Waiting()
  const [older, other] = [poll(waiting, 'a'), poll(waiting, 'b')]
  const newer = poll(waiting, 'a')
  t.equal(await older.over, 'ended')
  older.end()
  waiting.notify('a')
  t.equal(await newer.over, 'changed')
  other.end()
  t.equal(await other.over, 'nothing')
})

t.test('a caller that is gone waits no more', async (t) => {
  const waiting = new Waiting()
  const gone = new AbortController()
  const polled = poll(waiting, 'a', 60_000, gone.signal)
  gone.abort()
  t.equal(await polled.over, 'nothing')
  t.equal(await poll(waiting, 'a', 60_000, gone.signal).over, 'nothing', 'nor begins to')
})

t.test('the number of polls is bounded, and a key that polls again keeps its place', async (t) => {
  const waiting = new Waiting(2)
  const gone = new AbortController()
  poll(waiting, 'a')
  poll(waiting, 'b', 60_000, gone.signal)
  t.equal(waiting.poll('c', 60_000, ever), undefined)
  const again = poll(waiting, 'a')
  t.equal(waiting.poll('c', 60_000, ever), undefined)
  gone.abort()
  poll(waiting, 'c').end()
  const late = poll(waiting, 'd')
  again.end()
  late.end()
  t.same(await Promise.all([again.over, late.over]), ['nothing', 'nothing'])
})
