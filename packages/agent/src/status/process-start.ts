import type { Files } from '@joinery/host/files'

/**
 * The start of that process, in the kernel's ticks since boot (field 22 of /proc/PID/stat, proc(5)). A process number
 * alone may be another process's by now. Undefined if there is no such process.
 */
export const processStart = async (files: Pick<Files, 'read'>, pid: number): Promise<string | undefined> => {
  // a process that ends while it is read is none
  const stat = await files.read(`/proc/${pid}/stat`).catch(() => undefined)
  // the command's name, before the third field, may hold spaces and parentheses
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
