import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'

/** Folder of the built page. */
export const folder = join(import.meta.dirname, 'dist')

/** Bytes that the page may have: on a slow host it is read from disk at each start, and a browser parses all of it. */
export const limit = 400_000

/** Builds the page into its folder, or another one, and gives its size in bytes. Throws if it is too large. */
export const buildConsole = async (into = folder): Promise<number> => {
  await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'warn', build: { outDir: into } })
  const files = readdirSync(into, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const size = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
  if (size > limit) throw new Error(`the page of the console is larger than ${limit / 1000} kB: ${size / 1000} kB`)
  return size
}
