import { globSync } from 'node:fs'
import { root } from './shell.ts'

/** Every page of the repository, by its path from the root. */
export const allPages = (): string[] =>
  globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md', 'packages/*/src/**/README.md', 'test/**/*.md'], {
    cwd: root
  })
