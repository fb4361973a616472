import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Bed } from '../cluster/bed/bed.ts'
import { waitFor } from '../cluster/bed/wait-for.ts'

const program = resolve(import.meta.dirname, 'inside/stopwatch.ts')
const address = '172.30.0.1'
const port = '9099'

export interface Stopwatch {
  /** When this was seen, by the clock of `process.hrtime.bigint`; waits for it up to `timeout` milliseconds. */
  at(what: string, timeout: number): Promise<bigint>
}

/** What a machine runs in bash to have its clock-free word for "now" seen. */
export const sayNow = (what: string): string => `echo '${what}' > /dev/udp/${address}/${port}`

/** Sees Nodes appear, and what machines say. */
export const startStopwatch = async (bed: Bed): Promise<Stopwatch> => {
  const name = 'stopwatch'
  await bed.spawn(name, [process.execPath, program, address, port])
  const look = async (what: string): Promise<string | undefined> => {
    const lines = (await readFile(join(bed.logs, `${name}.log`), 'utf8')).split('\n')
    return lines.find((line) => line.endsWith(` ${what}`))?.split(' ')[0]
  }
  return {
    at: async (what, timeout) => BigInt((await waitFor(what, () => look(what), Boolean, timeout)) ?? 0)
  }
}
