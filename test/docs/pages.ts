import { globSync } from 'node:fs'
import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** Every page of the repository, by its path from the root. */
export const allPages = (): string[] =>
  globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md', 'packages/*/src/**/README.md', 'test/**/*.md'], {
    cwd: root
  })
