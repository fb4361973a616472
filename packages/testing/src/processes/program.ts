import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { madeOnce } from './made-once.ts'

const root = join(import.meta.dirname, '../../../..')
const folder = join(root, '.tap/programs')

/**
 * Path of what Node runs for `entry`, a file of the checkout that is a program. It is a bundle, made once for all tests
 * that start the program: a start from the sources loads up to 3,000 files, which takes a second of CPU time. While tap
 * measures coverage, the path is that of the source.
 */
export const program = (entry: string): string => {
  if (process.env._TAPJS_PROCESSINFO_COVERAGE_ === '1') return join(root, entry)
  const made = join(folder, `${entry.replaceAll(/\W/g, '-')}-${sources()}`)
  madeOnce(made, (aside) => {
    execFileSync(process.execPath, [join(root, 'packaging/bundle/unpackaged.ts'), entry, aside], { cwd: root })
  })
  return join(made, `${basename(entry, '.ts')}.mjs`)
}

/** Hash of everything that a bundle is made of. */
const sources = (): string => {
  known ??= hashOf(['pnpm-lock.yaml', ...globSync(['packages/*/src/**/*.ts', 'packaging/bundle/*.ts'], { cwd: root })])
  return known
}
let known: string | undefined

const hashOf = (files: readonly string[]): string => {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}
