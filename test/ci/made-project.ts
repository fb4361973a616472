import { join } from 'node:path'
import type { Test } from 'tap'

const root = join(import.meta.dirname, '../..')

/** A small project of its own with these test files, for the real tap. Each text begins behind the import of `t`. */
export const madeProject = (t: Test, tests: Readonly<Record<string, string>>): string => {
  const files = Object.entries(tests).map(([name, text]) => [`${name}.test.ts`, `import t from 'tap'\n${text}\n`])
  return t.testdir({
    'package.json': '{ "type": "module" }',
    '.taprc': `type-strip-only: true\nnode-arg: ["--require=${join(root, 'test/quick-start.cjs')}"]\n`,
    test: Object.fromEntries(files)
  })
}

/** The command that plays test files, one after the other. */
export const tapCommand = (...files: readonly string[]): string[] => [
  join(root, 'node_modules/.bin/tap'),
  '--disable-coverage',
  '--jobs=1',
  ...files
]
