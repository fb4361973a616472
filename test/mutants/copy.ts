import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

export interface Copy {
  root: string
  /** For what Node compiled of it. */
  cache: string
  remove(): Promise<void>
}

/**
 * A copy of the project to throw away, with what is not committed. Its packages are its own, what they depend on is that of the
 * project itself: the links between packages are relative, and so lead to the copies.
 */
export const copyOf = async (project: string): Promise<Copy> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-mutants-'))
  const root = join(folder, 'project')
  const dependencies = join('node_modules', '.pnpm')
  const leftOut = new Set(['.git', '.tap', 'dist', dependencies])
  await cp(project, root, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !leftOut.has(relative(project, source))
  })
  await symlink(join(project, dependencies), join(root, dependencies))
  return { root, cache: join(folder, 'cache'), remove: () => rm(folder, { recursive: true, force: true }) }
}
