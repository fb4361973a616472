import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** This clone has the commit; a shallow one may not. */
export const isHere = (commit: string): Promise<boolean> =>
  run('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: root }).then(
    () => true,
    () => false
  )

/**
 * The tree of an earlier commit in a folder of its own, with the dependencies that it had, until the test ends. Gives what
 * imports a module of it: another instance beside the present one.
 */
export const checkOut = async (t: Test, commit: string): Promise<(file: string) => Promise<unknown>> => {
  const folder = await mkdtemp(join(tmpdir(), 'joinery-earlier-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const archive = join(folder, 'tree.tar')
  await run('git', ['archive', '--output', archive, commit], { cwd: root })
  await run('tar', ['--extract', '--file', archive, '--directory', folder])
  const { packageManager } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const install = ['-y', packageManager, 'install', '--frozen-lockfile', '--prefer-offline']
  await run('npx', install, { cwd: folder })
  return (file) => import(pathToFileURL(join(folder, file)).href)
}
