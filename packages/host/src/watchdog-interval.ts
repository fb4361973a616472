interface Environment {
  [name: string]: string | undefined
}

/**
 * Milliseconds between two pings to systemd's watchdog: half of what it allows, as sd_watchdog_enabled(3) recommends.
 * Undefined if systemd asked for none, or asked another process (`WATCHDOG_PID`).
 */
export const watchdogInterval = (environment: Environment, pid: number): number | undefined => {
  const { WATCHDOG_USEC: allowed, WATCHDOG_PID: asked } = environment
  if (allowed === undefined || !/^[1-9]\d*$/.test(allowed)) return undefined
  if (asked !== undefined && asked !== `${pid}`) return undefined
  return Number(allowed) / 2000
}
