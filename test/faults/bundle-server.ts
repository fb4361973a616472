import { resolve } from 'node:path'
import { build } from 'esbuild'

/**
 * Makes one file of the server and all that it imports, as its package has it: it starts in a third of the time, and it is
 * started again and again.
 */
export const bundleServer = async (file: string): Promise<void> => {
  await build({
    absWorkingDir: resolve(import.meta.dirname, '../..'),
    entryPoints: ['test/faults/inside/server.ts'],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    // as packaging/bundle.ts says
    alias: { '@peculiar/x509': '@peculiar/x509/build/x509.es.js' },
    target: 'node24',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as joineryRequire } from 'node:module'; const require = joineryRequire(import.meta.url)"
    }
  })
}
