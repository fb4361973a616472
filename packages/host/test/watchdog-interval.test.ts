import t from 'tap'
import { watchdogInterval } from '../src/watchdog-interval.ts'

const pid = 42
const cases: [string, Record<string, string>, number | undefined][] = [
  ['a unit without a watchdog', {}, undefined],
  ['a watchdog of three minutes', { WATCHDOG_USEC: '180000000' }, 90_000],
  ['a watchdog for this process', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '42' }, 30_000],
  ['a watchdog for the process that started this one', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '41' }, undefined],
  ['a watchdog that is switched off', { WATCHDOG_USEC: '0' }, undefined],
  ['a time that is no number', { WATCHDOG_USEC: '60s' }, undefined],
  ['an empty time', { WATCHDOG_USEC: '' }, undefined]
]

for (const [name, environment, interval] of cases) {
  t.test(`${name}: ${interval === undefined ? 'no pings' : `each ${interval} ms`}`, async (t) => {
    t.equal(watchdogInterval(environment, pid), interval)
  })
}
