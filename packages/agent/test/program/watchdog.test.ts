import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { noWatchdog, startWatchdog } from '../../src/program/watchdog.ts'

const every = 90_000

/** A watchdog whose intervals pass when the test says so. */
const open = (ping: () => Promise<unknown> = async () => {}) => {
  let now = 0
  let pings = 0
  let wake = () => {}
  const clock = {
    monotonic: () => now,
    sleep: (milliseconds: number, signal: AbortSignal) => {
      t.equal(milliseconds, every)
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
      return promise
    }
  }
  const watchdog = startWatchdog({
    clock,
    every,
    ping: () => {
      pings += 1
      return ping()
    }
  })
  const pass = async (intervals: number): Promise<number> => {
    for (let left = intervals; left > 0; left -= 1) {
      await setImmediate()
      now += every
      wake()
    }
    await setImmediate()
    return pings
  }
  return { watchdog, pass }
}

t.test('systemd hears of the agent at once, and then at each interval', async (t) => {
  const { pass } = open()
  t.equal(await pass(0), 1)
  t.equal(await pass(3), 4)
})

t.test('a ping that does not arrive is ignored', async (t) => {
  const { pass } = open(async () => {
    throw new Error('no such socket')
  })
  t.equal(await pass(2), 3)
})

t.test('the watchdog gives up a loop that hangs in one step for 15 minutes, and no other', async (t) => {
  const { watchdog, pass } = open()
  t.equal(await pass(9), 10, 'a reset may take its minutes')
  t.equal(await pass(5), 10, 'then systemd hears no more of it')
  watchdog.turned()
  t.equal(await pass(1), 11)
})

t.test('an agent that has ended sends no ping', async (t) => {
  const { watchdog, pass } = open()
  await pass(0)
  watchdog.stop()
  t.equal(await pass(2), 1)
})

t.test('without a watchdog nothing happens', async () => {
  const watchdog = noWatchdog()
  watchdog.turned()
  watchdog.stop()
})
