import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Folder of the built page. */
export const folder = join(import.meta.dirname, 'dist')

/** Bytes that the page may have: on a slow host it is read from disk at each start, and a browser parses all of it. */
export const limit = 400_000

export interface Built {
  /** Size of all files in bytes. */
  size: number
  /** Paths of the modules in the page, as they are on this machine. */
  modules: string[]
}

/** Builds the page into a folder, and gives its size in bytes. Throws if it is too large. */
export const buildConsole = async (into = folder): Promise<number> => (await bundleConsole(into)).size

/** Builds the page into a folder, and gives what went into it. Throws if it is too large. */
export const bundleConsole = async (into = folder): Promise<Built> => {
  // who only looks at the other programs need not load it
  const { build } = await import('vite')
  const configFile = join(import.meta.dirname, 'vite.config.ts')
  const made = await build({ configFile, logLevel: 'warn', build: { outDir: into } })
  const outputs = [made].flat().flatMap((one) => ('output' in one ? one.output : []))
  const modules = outputs.flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []))
  const files = readdirSync(into, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const size = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
  if (size > limit) throw new Error(`the page of the console is larger than ${limit / 1000} kB: ${size / 1000} kB`)
  return { size, modules }
}
