import { globSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')

/**
 * Which unit tests run in one process, by where their paths begin; the first group that fits has a file. To start a process for
 * each file takes more time than its tests do. A test that starts processes itself is a `*.process.test.ts`, and gets one alone.
 */
export const groups = {
  agent: ['packages/agent/'],
  cli: ['packages/cli/'],
  'server-enrolment': ['packages/server/test/enrolment/'],
  server: ['packages/server/'],
  shared: ['packages/']
} satisfies Record<string, readonly string[]>
export type Group = keyof typeof groups

const names = Object.keys(groups) as Group[]

const groupOf = (file: string): Group | undefined =>
  names.find((name) => groups[name].some((beginning) => file.startsWith(beginning)))

/** Paths of the unit tests of all packages, from the root of the repository. */
export const unitTests = (): string[] =>
  globSync('packages/*/test/**/*.test.ts', { cwd: root }).filter((file) => !file.endsWith('.process.test.ts'))

/** Runs the unit tests of a group in this process, in the order of their paths. */
export const runUnitTests = async (group: Group): Promise<void> => {
  const files = unitTests().filter((file) => groupOf(file) === group)
  for (const file of files.sort()) await import(join(root, file))
  // for all of them, on a busy machine
  t.setTimeout(240_000)
}
