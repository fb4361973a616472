import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layTree } from '../compat/earlier.ts'
import { made } from './bed/cache.ts'
import { mustLogged } from './bed/run.ts'

/**
 * Makes the packages of an earlier commit by its own `pnpm package`, as this version, and gives the path of the one with this name. Five
 * minutes, once.
 */
export const earlierPackages = async (
  cache: string,
  log: string,
  commit: string,
  version: string
): Promise<(name: string) => string> => {
  const folder = await made(cache, 'earlier', [commit, version], async (folder) => {
    const tree = await mkdtemp(join(tmpdir(), 'joinery-earlier-'))
    try {
      await layTree(commit, tree)
      const file = join(tree, 'package.json')
      await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), version }))
      // the date of the commit, which no repository says there
      const env = { SOURCE_DATE_EPOCH: '1700000000' }
      await mustLogged([process.execPath, join(tree, 'packaging/package.ts')], log, { env })
      await cp(join(tree, 'dist'), folder, { recursive: true, filter: (path) => !/\.tar\.gz$/.test(path) })
    } finally {
      await rm(tree, { recursive: true })
    }
  })
  return (name) => join(folder, `${name}_${version}_amd64.deb`)
}
