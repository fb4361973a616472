import { readFile, writeFile } from 'node:fs/promises'

/** What a process has used so far: the most memory that it had, in bytes, and CPU time in milliseconds. */
export interface ProcessFigures {
  peak: number
  cpu: number
}

/** Of Linux, in a second: what `/proc` counts CPU time in. */
const ticks = 100

/** Has the kernel forget the most memory that a process had: from now on it is what it has now, or more. */
export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5')

/** From outside, so that one that is too busy to answer can be measured. Throws where the process has ended. */
export const processFigures = async (pid: number): Promise<ProcessFigures> => {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8')
  ])
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  if (peak === undefined) throw new Error(`process ${pid} has ended`)
  // the name before it may hold anything but the last bracket
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return { peak: Number(peak) * 1024, cpu: ((Number(user) + Number(system)) * 1000) / ticks }
}
