import { build, type Plugin } from 'esbuild'
import { digestOf } from './digest.ts'

/** What esbuild makes of some programs, with all that they import from the repository. */
interface Minified {
  digest: string
  /** Digest of one of them, and the tests' own files that it imports, with itself. */
  of(entry: string): { digest: string; sources: string[] }
}

/** minified bundles these programs of the repository, each with its imports: comments and layout are gone, and types too. */
export const minified = async (root: string, entryPoints: readonly string[]): Promise<Minified> => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entryPoints],
    outdir: '.',
    outbase: '.',
    write: false,
    bundle: true,
    splitting: true,
    plugins: [othersOutside],
    format: 'esm',
    platform: 'node',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'error'
  })
  const hashes = new Map(outputFiles.map(({ path, hash }) => [path.slice(root.length + 1), hash]))
  return {
    digest: digestOf([...hashes.values()].sort()),
    of: (entry) => {
      const output = entry.replace(/ts$/, 'js')
      // the hash of a shared part is in its name, which the output imports
      const parts = reachable(output, (path) => metafile.outputs[path]?.imports.map((part) => part.path) ?? [])
      return {
        digest: digestOf([...parts].sort().map((part) => hashes.get(part) ?? part)),
        sources: reachable(entry, (path) => metafile.inputs[path]?.imports.map((part) => part.path) ?? []).filter(
          (file) => file.startsWith('test/')
        )
      }
    }
  }
}

/** Packages of others stay outside: the lock file says which they are. */
const othersOutside: Plugin = {
  name: 'others stay outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^.]/ }, ({ kind, path }) =>
      kind === 'entry-point' || path.startsWith('@joinery/') ? undefined : { path, external: true }
    )
  }
}

const reachable = (start: string, next: (from: string) => string[]): string[] => {
  const seen = new Set([start])
  for (const one of seen) for (const other of next(one)) seen.add(other)
  return [...seen]
}
