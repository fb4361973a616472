import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bed } from '../bed/bed.ts'

export type Ready = 'True' | 'False' | 'Unknown'

/** Knows the condition Ready of each Node: one watch for all, as a command for each look would take the time of the machines. */
export interface ReadyWatch {
  /** Status of the condition. Empty if there is none yet. */
  of(node: string): Promise<Ready | ''>
}

export const watchReady = async (bed: Bed): Promise<ReadyWatch> => {
  const name = 'ready-watch'
  const line = '{.object.metadata.name} {.object.status.conditions[?(@.type=="Ready")].status}{"\\n"}'
  const argv = ['kubectl', 'get', 'nodes', '--watch', '--output-watch-events', '-o', `jsonpath=${line}`]
  await bed.spawn(name, argv)
  return {
    of: async (node) => {
      const lines = (await readFile(join(bed.logs, `${name}.log`), 'utf8')).split('\n')
      const last = lines.findLast((line) => line.startsWith(`${node} `)) ?? ''
      return last.slice(node.length + 1) as Ready | ''
    }
  }
}
