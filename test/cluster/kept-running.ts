import { readFile } from 'node:fs/promises'
import type { Bed } from './bed/bed.ts'
import { processInBed } from './process-in-bed.ts'

/** A process of the bed's control plane, and the loop that starts it again. */
export interface KeptRunning {
  id: number
  loop: number
}

export const keptRunning = async (bed: Pick<Bed, 'exec'>, name: string): Promise<KeptRunning> => {
  const id = await processInBed(bed, name)
  return { id, loop: Number(/^PPid:\s*(\d+)$/m.exec(await readFile(`/proc/${id}/status`, 'utf8'))?.[1]) }
}
