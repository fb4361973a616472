import type { Metafile } from 'esbuild'

/** Files that have code in a bundle, from the root of the repository: what was left out as unused is none of them. */
export const carriedFiles = (bundles: readonly Metafile[]): string[] =>
  bundles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []))
    )
  )

/** Folders of the npm packages that files are of, each once, in a fixed order. */
export const packageFolders = (files: readonly string[]): string[] =>
  [...new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []))].sort()

/**
 * Folders of the npm packages that are among the files more than once. Two copies are two states, such as two registries of one
 * library, and twice the bytes.
 */
export const copies = (files: readonly string[]): string[] =>
  [...Map.groupBy(packageFolders(files), (folder) => folder.slice(folder.lastIndexOf('node_modules/')))]
    .filter(([, folders]) => folders.length > 1)
    .flatMap(([, folders]) => folders)
