import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { made } from '../cluster/bed/cache.ts'
import { must, mustLogged } from '../cluster/bed/run.ts'
import { newcomer } from './rootfs.ts'

const root = join(import.meta.dirname, '../..')
const pnpm = ['npx', '-y', packageJson.packageManager]

/** The projects that are installed: all of it, and the browser that the suites of the pages install. */
const projects = ['.', 'test/console/own-browser']

/**
 * A folder that is a home in which npm and pnpm have all packages in their caches. It stands for the registry, which would else be
 * asked for each run.
 */
export const makeHome = (cache: string, log: string): Promise<string> => {
  const locks = projects.map((project) => new URL(`../../${project}/pnpm-lock.yaml`, import.meta.url))
  return made(
    cache,
    'newcomer-home',
    [new URL(import.meta.url), packageJson.packageManager, ...locks],
    async (folder) => {
      const checkout = join(folder, 'checkout')
      await must(['git', 'clone', '--quiet', root, checkout])
      // npx of the command that plays this has named its own cache
      const env = { HOME: folder, NODE_OPTIONS: '', npm_config_cache: join(folder, '.npm') }
      for (const project of projects) {
        await mustLogged([...pnpm, 'install', '--frozen-lockfile'], log, { cwd: join(checkout, project), env })
      }
      rmSync(checkout, { recursive: true })
      writeFileSync(join(folder, '.npmrc'), 'offline=true\n')
      await must(['chown', '--recursive', `${newcomer}:${newcomer}`, folder])
    }
  )
}
