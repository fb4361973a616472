import { openSync, readSync } from 'node:fs'
import { systemMonotonic } from '../base/clock.ts'

/** Readings of the three clocks of this host at one moment, in milliseconds. Each has a beginning of its own. */
export interface Readings {
  /** Clock that nobody sets. It stands still while the host is suspended. */
  monotonic: number
  /** Clock with a date. It may be set. */
  wall: number
  /** Time since the host booted. It goes on while the host is suspended. */
  uptime: number
}

export type ReadClocks = () => Readings

/** Time between two readings by the clock that went furthest: one that stood still or was set back hides nothing. */
export const elapsed = (from: Readings, to: Readings): number =>
  Math.max(to.monotonic - from.monotonic, to.wall - from.wall, to.uptime - from.uptime)

/**
 * The clocks of this host. If the uptime cannot be read, the result is no number, and then no leadership holds: every
 * comparison with it is false.
 */
export const systemClocks: ReadClocks = () => ({
  monotonic: systemMonotonic(),
  wall: Date.now(),
  uptime: readUptime()
})

/** The open file, since it is read before each call and each answer, and room for its line. */
let uptimeFile: number | undefined
const line = Buffer.alloc(64)

/** Reads `/proc/uptime`, whose first number is in seconds (proc_uptime(5)). Each read from its beginning has the time of that read. */
const readUptime = (): number => {
  try {
    uptimeFile ??= openSync('/proc/uptime', 'r')
    return Number.parseFloat(line.toString('latin1', 0, readSync(uptimeFile, line, 0, line.length, 0))) * 1000
  } catch {
    return Number.NaN
  }
}
