import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { importsOf } from './imports.ts'

const root = resolve(import.meta.dirname, '../..')

/** One source file of a package. */
export interface Source {
  /** Its path from the root: `packages/<name>/src/...`. */
  file: string
  /** The package, without its scope. */
  name: string
  /** The text. */
  text: string
  /** What the file imports, types too, as it is written there. */
  specifiers: readonly string[]
}

const specifiersOf = (file: string, text: string): string[] =>
  // the reader of tokens knows no JSX, and a page has its imports at the beginning of lines
  file.endsWith('.tsx')
    ? [...text.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'/gm)].map(([, specifier = '']) => specifier)
    : importsOf(text).flatMap(({ specifier }) => specifier ?? [])

/** Every source file of the packages. */
export const sources: readonly Source[] = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root })
  .sort()
  .map((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return { file, name: file.split('/')[1] ?? '', text, specifiers: specifiersOf(file, text) }
  })
