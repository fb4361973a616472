import t from 'tap'
import { startWatchdog } from '../../../src/core/base/watchdog.ts'

t.test('systemd gets a ping at each interval, also after a failure, until the server stops', async (t) => {
  let tick = () => {}
  let cleared: unknown
  let unref = 0
  const timer = { unref: () => ++unref }
  const timers = {
    setInterval: (act: () => void, milliseconds: number) => {
      t.equal(milliseconds, 30_000)
      tick = act
      return timer
    },
    clearInterval: (given: unknown) => {
      cleared = given
    }
  }
  let pings = 0
  const ping = async () => {
    pings += 1
    throw new Error('no such socket')
  }
  const watchdog = startWatchdog({ every: 30_000, ping, timers })
  t.equal(unref, 1, 'it keeps no process alive')
  tick()
  tick()
  t.equal(pings, 2)
  watchdog.stop()
  t.equal(cleared, timer)
})
