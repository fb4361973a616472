import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bed } from './bed/bed.ts'
import type { Process } from './bed/inside.ts'

/** Records every version of every Node: what is true only for a moment a look now and then would miss. */
export interface NodeWatch {
  /** Taints of each version of this Node, the oldest first, as `KEY=VALUE:EFFECT`. */
  taints(name: string): Promise<string[][]>
  end(): void
}

export const watchNodes = async (bed: Bed): Promise<NodeWatch> => {
  const name = 'node-watch'
  const taints = '{range .object.spec.taints[*]}{.key}={.value}:{.effect},{end}'
  const argv = ['kubectl', 'get', 'nodes', '--watch', '--output-watch-events', '-o']
  const watch: Process = await bed.spawn(name, [...argv, `jsonpath={.type} {.object.metadata.name} ${taints}{"\\n"}`])
  return {
    taints: async (node) => {
      const lines = (await readFile(join(bed.logs, `${name}.log`), 'utf8')).split('\n')
      return lines.flatMap((line) => {
        const [event, of, list = ''] = line.split(' ')
        return of === node && event !== 'DELETED' ? [list.split(',').filter(Boolean)] : []
      })
    },
    end: () => watch.kill()
  }
}
