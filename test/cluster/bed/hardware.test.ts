import t from 'tap'
import { clockRateOf } from './hardware.ts'

const right = `[    0.000000] tsc: Fast TSC calibration failed\r
[    0.052000] tsc: Unable to calibrate against PIT\r
[    0.052000] tsc: Detected 2445.431 MHz processor\r
[    4.913326] tsc: Refined TSC clocksource calibration: 2445.427 MHz\r
`
const wrong = `[    0.000000] tsc: Fast TSC calibration failed\r
[    0.056000] tsc: Detected 28.224 MHz processor\r
[  109.717088] clocksource: Switched to clocksource tsc\r
`

for (const [what, console, rate] of [
  ['a kernel that measured twice knows the rate of its clock', right, 2_445_427],
  ['a kernel that was taken from the processor as it measured does not', wrong, undefined],
  ['nor does one that has said nothing yet', '', undefined]
] as const) {
  t.test(what, async (t) => {
    t.equal(clockRateOf(console), rate)
  })
}
