import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Manifest } from '@joinery/kube'
import { root } from './product.ts'

const run = promisify(execFile)

/** Commit before the kinds of the door became v1beta1. */
const commit = '0ab77e28'

/** The CustomResourceDefinitions of the door as that commit makes them, by its own code. */
export const earlierDefinitions = async (): Promise<readonly Manifest[]> => {
  const place = await mkdtemp(join(tmpdir(), 'joinery-earlier-'))
  try {
    const archive = join(place, 'packages.tar')
    await run('git', ['archive', '--output', archive, commit, 'packages/kube', 'packages/protocol'], { cwd: root })
    await run('tar', ['--extract', '--file', archive], { cwd: place })
    const modules = join(place, 'node_modules')
    await mkdir(join(modules, '@joinery'), { recursive: true })
    await symlink(join(place, 'packages/protocol'), join(modules, '@joinery/protocol'))
    // what that commit took from others is what the present one has
    for (const name of ['typebox', 'jose'])
      await symlink(join(root, 'packages/protocol/node_modules', name), join(modules, name))
    const { definitions } = await import(pathToFileURL(join(place, 'packages/kube/src/door/definitions.ts')).href)
    return definitions
  } finally {
    await rm(place, { recursive: true })
  }
}
