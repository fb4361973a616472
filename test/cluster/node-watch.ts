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
  const argv = ['kubectl', 'get', 'nodes', '--watch', '--output-watch-events', '-o']
  // no range: kubectl forgets the template's beginning after one
  const watch: Process = await bed.spawn(name, [
    ...argv,
    'jsonpath={.type} {.object.metadata.name} {.object.spec.taints}{"\\n"}'
  ])
  return {
    taints: async (node) => {
      const lines = (await readFile(join(bed.logs, `${name}.log`), 'utf8')).split('\n')
      return lines.flatMap((line) => {
        const [, event, of, list] = /^(\S+) (\S+) (.*)$/.exec(line) ?? []
        if (of !== node || event === 'DELETED') return []
        const taints = JSON.parse(list || '[]') as { key: string; value?: string; effect: string }[]
        return [taints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`)]
      })
    },
    end: () => watch.kill()
  }
}
