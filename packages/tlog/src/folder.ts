import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadTile } from './read.ts'
import { tileSizeAtMost } from './tile.ts'

/** Reads the tiles in a folder. Of a file that is larger than any tile it reads only so much that this is seen. */
export const tilesIn =
  (folder: string): ReadTile =>
  async (path) => {
    // a pipe that nobody writes to does not stop the reader
    const file = await open(join(folder, path), constants.O_RDONLY | constants.O_NONBLOCK).catch(absent)
    if (file === undefined) return
    try {
      const { size } = await file.stat()
      const bytes = Buffer.alloc(Math.min(size, tileSizeAtMost + 1))
      let read = 0
      while (read < bytes.length) {
        const { bytesRead } = await file.read(bytes, read, bytes.length - read)
        if (bytesRead === 0) break
        read += bytesRead
      }
      return bytes.subarray(0, read)
    } finally {
      await file.close()
    }
  }

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
