import { build } from 'esbuild'
import { nodeProgram } from '../../packaging/bundle/bundle.ts'

/**
 * Makes one file of the server and all that it imports, as its package has it: it starts in a third of the time, and it is
 * started again and again.
 */
export const bundleServer = async (file: string): Promise<void> => {
  await build({
    ...nodeProgram,
    entryPoints: ['test/faults/inside/server.ts'],
    outfile: file,
    target: 'node24',
    logLevel: 'error'
  })
}
