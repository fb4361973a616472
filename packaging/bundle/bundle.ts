import { readFileSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { bundleConsole } from '@joinery/console/build'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { carriedFiles, copies } from '../dependencies/package-folders.ts'
import { pagesFrom } from './pages.ts'
import { rehearsed } from './rehearsed.ts'

export const root = resolve(import.meta.dirname, '../..')

/** As npm and krew have it. A package of Debian has `debianVersion` of it. */
export const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string }

/** Folder of the packages of OpenTelemetry: the server depends on one, and that one on the others beside it. */
const openTelemetry = dirname(realpathSync(`${root}/packages/server/node_modules/@opentelemetry/otlp-transformer`))

/** How esbuild makes a program for Node of a file and all that it imports. */
export const nodeProgram = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  // a CommonJS build that is imported lazily has no named exports in a bundle: take this package's ES module
  alias: {
    '@peculiar/x509': '@peculiar/x509/build/x509.es.js',
    // of their CommonJS builds everything would be in the bundle, and not only what the server uses
    '@opentelemetry/otlp-transformer': `${openTelemetry}/otlp-transformer/build/esm/index.js`,
    '@opentelemetry/core': `${openTelemetry}/core/build/esm/index.js`
  },
  // CommonJS dependencies still ask for node's own modules by `require`
  banner: {
    js: "import { createRequire as joineryRequire } from 'node:module'; const require = joineryRequire(import.meta.url)"
  }
} as const satisfies BuildOptions

/**
 * The thread that evaluates the rules of a policy. engine.ts starts it from the folder of the program.
 */
export const policyWorker = { 'policy-worker': 'packages/policy/src/cel/worker.ts' }

interface BundleOptions {
  /** True if parts that are imported lazily become files of their own. */
  splitting?: boolean
  /** Further entries, by the names of their files. */
  beside?: Record<string, string>
  /** Folder of the pages that messages name, from that of the program. */
  pages?: string
  /** Options of esbuild, for another Node than the one in the packages. */
  esbuild?: BuildOptions
}

/** Bundles each program, and gives what went into it. The page of the console lies beside the command that serves it. */
export const bundleAll = async () => {
  const bundles = {
    server: await bundle('packages/server/src/main.ts', 'dist/server/joinery-server.mjs', { beside: policyWorker }),
    agent: await bundle('packages/agent/src/main.ts', 'dist/agent/joinery-agent.mjs', { splitting: true }),
    cli: await bundle('packages/cli/src/main.ts', 'dist/cli/joinery.mjs', {
      splitting: true,
      beside: policyWorker
    })
  }
  const { size, modules } = await bundleConsole(resolve(root, 'dist/cli/console'))
  console.log(`dist/cli/console ${(size / 1000).toFixed(0)} kB`)
  return { ...bundles, console: modules }
}

/**
 * Bundles the program of `entry` into `file`, alone in its folder with what it imports lazily, and prints a line for it.
 * Throws where it could rehearse, and where it has a package twice.
 *
 * `splitting`: parts that are imported lazily become files of their own, so that a program loads only what it comes to
 * use. Not for the server: esbuild evaluates shared files first, and reflect-metadata must come before tsyringe.
 */
export const bundle = async (
  entry: string,
  file: string,
  { splitting = false, beside = {}, pages = pagesFrom(basename(file, '.mjs')), esbuild = {} }: BundleOptions = {}
): Promise<Metafile> => {
  const outdir = dirname(file)
  rmSync(resolve(root, outdir), { recursive: true, force: true })
  const { metafile } = await build({
    ...nodeProgram,
    entryPoints: { [basename(file, '.mjs')]: entry, ...beside },
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting,
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    // names stay and lines are short: a stack trace of a bundle must be of use
    lineLimit: 160,
    legalComments: 'none',
    logLevel: 'warning',
    define: { JOINERY_VERSION: JSON.stringify(version), JOINERY_PAGES: JSON.stringify(pages) },
    ...esbuild,
    metafile: true
  })
  const played = rehearsed(Object.keys(metafile.inputs))
  if (played.length > 0) throw new Error(`a packaged program must not rehearse:\n${played.join('\n')}`)
  const twice = copies(carriedFiles([metafile]))
  if (twice.length > 0) {
    throw new Error(`a bundle has a package more than once: see overrides in pnpm-workspace.yaml\n${twice.join('\n')}`)
  }
  const sizes = Object.values(metafile.outputs).map((output) => output.bytes)
  const size = sizes.reduce((sum, bytes) => sum + bytes, 0)
  console.log(`${file} ${(size / 1000).toFixed(0)} kB in ${sizes.length} file(s)`)
  return metafile
}
