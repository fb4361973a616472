import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** The last commit before releases: an upgrade from a first release would begin with it. */
export const beforeReleases = '1ef6c30f'

/** This clone has the commit; a shallow one may not. */
export const isHere = (commit: string): Promise<boolean> =>
  run('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: root }).then(
    () => true,
    () => false
  )

/** Lays the tree of an earlier commit into a folder, with the dependencies that it had. */
export const layTree = async (commit: string, folder: string): Promise<void> => {
  const archive = join(folder, 'tree.tar')
  await run('git', ['archive', '--output', archive, commit], { cwd: root })
  await run('tar', ['--extract', '--file', archive, '--directory', folder])
  await rm(archive)
  const { packageManager } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const install = ['-y', packageManager, 'install', '--frozen-lockfile', '--prefer-offline']
  await run('npx', install, { cwd: folder })
}

/** The tree of an earlier commit until the test ends. Gives what imports a module of it: another instance beside the present one. */
export const checkOut = async (t: Test, commit: string): Promise<(file: string) => Promise<unknown>> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-earlier-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await layTree(commit, folder)
  return (file) => import(pathToFileURL(join(folder, file)).href)
}

/**
 * A module of one package of an earlier commit, until the test ends. It has the present dependencies, so it needs no registry: it is for
 * code whose dependencies did not change since.
 */
export const moduleOf = async (t: Test, commit: string, folder: string, file: string): Promise<unknown> => {
  const made = t.testdir({})
  const archive = join(made, 'tree.tar')
  await run('git', ['archive', '--output', archive, commit, folder], { cwd: root })
  await run('tar', ['--extract', '--file', archive, '--directory', made])
  await symlink(join(root, folder, 'node_modules'), join(made, folder, 'node_modules'))
  return import(pathToFileURL(join(made, folder, file)).href)
}
