import { readFile, writeFile } from 'node:fs/promises'
import type { Status } from '@joinery/protocol'
import type { Bed } from '../bed/bed.ts'
import { serverProgram } from '../product.ts'
import type { OneServer } from './three-servers.ts'

/**
 * A build of the server whose log may take no more of etcd than it does now, and some. It is the one that was built, with another number:
 * the budget is no setting.
 */
export const smallBudget = async (bed: Bed, active: OneServer): Promise<string[]> => {
  const [node = '', program = ''] = serverProgram
  const { log } = JSON.parse((await active.joinery('status', '-o', 'json')).stdout) as Status
  const text = await readFile(program, 'utf8')
  const own = /clusterLog:\{total:\d+/g
  if (text.match(own)?.length !== 1) throw new Error(`${program} does not say once what the log may take`)
  const file = '/run/joinery/small-budget.mjs'
  await writeFile(bed.hostPath(file), text.replace(own, `clusterLog:{total:${(log?.bytes ?? 0) + 20_000}`))
  return [node, file]
}
