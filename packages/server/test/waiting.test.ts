import { Waiting } from '@joinery/server/enrolments/waiting.ts'
import t from 'tap'

const ever = new AbortController().signal

t.test('a change wakes those who listen for that key, and nobody else', async (t) => {
  const waiting = new Waiting()
  const [one, twin, other] = [
    waiting.listen('a', 1000, ever),
    waiting.listen('a', 1000, ever),
    waiting.listen('b', 1, ever)
  ]
  waiting.notify('a')
  t.same(await Promise.all([one.changed, twin.changed, other.changed]), [true, true, false])
})

t.test('a change between listening and looking is not missed', async (t) => {
  const waiting = new Waiting()
  const wait = waiting.listen('a', 1000, ever)
  waiting.notify('a')
  t.equal(await wait.changed, true)
})

t.test('who is gone waits no more', async (t) => {
  const waiting = new Waiting()
  const gone = new AbortController()
  const wait = waiting.listen('a', 60_000, gone.signal)
  gone.abort()
  t.equal(await wait.changed, false)
  t.equal(await waiting.listen('a', 60_000, gone.signal).changed, false, 'nor begins to')
})

t.test('a wait that was ended keeps nothing alive', async (t) => {
  const wait = new Waiting().listen('a', 60_000, ever)
  wait.end()
  t.equal(await wait.changed, false)
})
