import { rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file system of a few megabytes that can be filled. */
export interface SmallDisk {
  /** All but that many bytes, a multiple of a page; rounded by what the file system does. */
  fill(room: number): Promise<void>
  makeRoom(): Promise<void>
}

/** More than fits. */
const ballastBytes = 64 * 1024 * 1024

export const smallDiskAt = (folder: string): SmallDisk => {
  const ballast = join(folder, 'ballast')
  return {
    fill: async (room) => {
      await writeFile(ballast, Buffer.alloc(ballastBytes)).catch(() => undefined)
      await truncate(ballast, Math.max(0, (await stat(ballast)).size - room))
    },
    makeRoom: () => rm(ballast, { force: true })
  }
}
