import { readFile, writeFile } from 'node:fs/promises'
import type { OneServer } from '../../cluster/servers/three-servers.ts'
import type { BedStage } from './bed-stage.ts'

export const stores = ['file', 'cluster'] as const
export type Place = (typeof stores)[number]

/** Says in the configuration of a server that does not run where its store is. */
export const setStore = async ({ bed }: BedStage, { config }: OneServer, place: Place): Promise<void> => {
  const file = bed.hostPath(config)
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^store: .*$/m, `store: ${place}`))
}

/** Moves the store of a server that does not run. Gives the milliseconds that it took. */
export const moveStore = async (stage: BedStage, server: OneServer, to: Place): Promise<number> => {
  const begun = performance.now()
  const { code, stderr } = await server.program('store', 'move', '--to', to)
  if (code !== 0) throw new Error(`store move --to ${to}: ${stderr}`)
  await setStore(stage, server, to)
  return performance.now() - begun
}
