import { readFileSync } from 'node:fs'
import type { Metafile } from 'esbuild'
import { copyOf, type PackageFile } from '../debian/deb.ts'

/** Where the package of a program has its pages, as the program finds it from its own folder: `pageAt` resolves it. */
export const pagesFrom = (program: string): string => `../../share/doc/${program}`

/** The pages of docs/ that messages of a bundled program name. */
export const pagesNamed = ({ inputs }: Metafile): string[] => {
  const sources = Object.keys(inputs).filter((file) => file.startsWith('packages/'))
  const named = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/pageAt\('([^']+)'\)/g)].map(([, page = '']) => page)
  )
  return [...new Set(named)].sort()
}

/** Those pages, for a folder of a package. */
export const pageFiles = (bundle: Metafile, folder: string): PackageFile[] =>
  pagesNamed(bundle).map((page) => copyOf(`docs/${page}`, `${folder}/${page}`))
