import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A new folder of this user alone. The plain name is what the tutorial's commands have; where it is taken, by another demo
 * or by one that was killed, the name gets a suffix.
 */
export const makeFolder = async (parent = tmpdir()): Promise<string> => {
  const plain = join(parent, 'joinery-demo')
  try {
    await mkdir(plain, { mode: 0o700 })
    return plain
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return mkdtemp(`${plain}-`)
  }
}
