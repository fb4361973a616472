import { readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'

export const root = resolve(import.meta.dirname, '..')

export const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string }

/** Bundles each program into `dist/<folder>/<name>.mjs`, prints a line for it, and gives what went into it. */
export const bundleAll = async () => ({
  server: await bundle('server', 'joinery-server'),
  agent: await bundle('agent', 'joinery-agent', { splitting: true }),
  cli: await bundle('cli', 'joinery')
})

/**
 * `splitting`: parts that are imported lazily become files of their own, so that the agent loads only what it comes to
 * use. Not for the server: esbuild evaluates shared files first, and reflect-metadata must come before tsyringe.
 */
const bundle = async (folder: string, name: string, { splitting } = { splitting: false }): Promise<Metafile> => {
  const outdir = `dist/${folder}`
  rmSync(`${root}/${outdir}`, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: `packages/${folder}/src/main.ts` },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'node',
    // a CommonJS build that is imported lazily has no named exports in a bundle: take this package's ES module
    alias: { '@peculiar/x509': '@peculiar/x509/build/x509.es.js' },
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    // names stay and lines are short: a stack trace of a bundle must be of use
    lineLimit: 160,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    define: { JOINERY_VERSION: JSON.stringify(version) },
    // CommonJS dependencies still ask for node's own modules by `require`
    banner: {
      js: "import { createRequire as joineryRequire } from 'node:module'; const require = joineryRequire(import.meta.url)"
    }
  })
  const sizes = Object.values(metafile.outputs).map((output) => output.bytes)
  const size = sizes.reduce((sum, bytes) => sum + bytes, 0)
  console.log(`${outdir}/${name}.mjs ${(size / 1000).toFixed(0)} kB in ${sizes.length} file(s)`)
  return metafile
}
