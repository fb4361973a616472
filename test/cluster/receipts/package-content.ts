import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { must } from '../bed/run.ts'
import { digestOf, digestOfFile } from './digest.ts'

/** Files that no suite looks at, and another one at each landing: pages. A package inside of a package counts by itself. */
const unread = /^usr\/share\/(?:doc|man)\/|\.deb$|^DEBIAN\/md5sums$/

/**
 * contentOfPackage gives a digest of what a Debian package installs and does then: paths, modes and contents of its files, and its scripts.
 * Dates are left out, since they are those of the commit.
 */
export const contentOfPackage = async (deb: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-content-'))
  try {
    await must(['dpkg-deb', '--raw-extract', deb, folder])
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .filter((file) => !unread.test(file))
    return digestOf((await Promise.all(files.sort().map((file) => describe(folder, file)))).flat())
  } finally {
    await rm(folder, { recursive: true })
  }
}

const describe = async (folder: string, file: string): Promise<string[]> => {
  const path = join(folder, file)
  const found = await lstat(path)
  return [file, found.mode.toString(8), found.isSymbolicLink() ? await readlink(path) : await contentOf(path, file)]
}

const contentOf = async (path: string, file: string): Promise<string> => {
  // the size counts pages as well
  if (file === 'DEBIAN/control') return (await readFile(path, 'utf8')).replace(/^Installed-Size: .*\n/m, '')
  return digestOfFile(path)
}
