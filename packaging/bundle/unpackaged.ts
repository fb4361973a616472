import { basename } from 'node:path'
import { build } from 'esbuild'
import { nodeProgram, policyWorker } from './bundle.ts'

/**
 * Bundles a program of the checkout for the tests that start it: `node packaging/bundle/unpackaged.ts FILE FOLDER`. It is the
 * program that `FILE` is, loaded in a fourth of the time.
 */
const [entry = '', outdir = ''] = process.argv.slice(2)
await build({
  ...nodeProgram,
  entryPoints: {
    [basename(entry, '.ts')]: entry,
    ...(/^packages\/(cli|server)\//.test(entry) && policyWorker)
  },
  outdir,
  outExtension: { '.js': '.mjs' },
  // as `bundleAll` has it
  splitting: !entry.startsWith('packages/server/'),
  logLevel: 'warning'
})
