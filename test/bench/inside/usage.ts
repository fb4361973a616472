import { performance } from 'node:perf_hooks'

/** What this process has used so far: CPU time and time in the event loop in milliseconds, memory in bytes. */
export interface Usage {
  cpu: number
  /** Time in callbacks, waiting for the disk in them included: what is left of a core is free for more. */
  busy: number
  rss: number
}

export const usage = (): Usage => {
  const { user, system } = process.cpuUsage()
  return {
    cpu: (user + system) / 1000,
    busy: performance.eventLoopUtilization().active,
    rss: process.memoryUsage.rss()
  }
}
