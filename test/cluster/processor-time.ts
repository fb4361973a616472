import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The processor time that a process and all that it starts take together. */
export interface ProcessorTime {
  /** In seconds, until now. */
  seconds(): number
  end(): void
}

/**
 * Counts from now on for this process. The kernel counts by a control group (cgroup v2), since a bed's processes end as children of
 * nobody: no wait tells the time of those. Undefined if this host lets nobody make such a group.
 */
export const countProcessorTime = (pid: number): ProcessorTime | undefined => {
  try {
    const folder = join(ownGroup(), `joinery-suite-${pid}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'cgroup.procs'), String(pid))
    return {
      seconds: () => Number(/^usage_usec (\d+)$/m.exec(readFileSync(join(folder, 'cpu.stat'), 'utf8'))?.[1]) / 1e6,
      end: () => {
        try {
          rmdirSync(folder)
        } catch {} // a process of the bed is still ending; an empty group that stays costs nothing
      }
    }
  } catch {
    return undefined
  }
}

/** Folder of the control group that this process is in. */
const ownGroup = (): string => {
  const mounted = /^(?:\S+ ){4}(\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1]
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1]
  if (mounted === undefined || own === undefined) throw new Error('this host has no control groups of version 2')
  return join(mounted, own)
}
