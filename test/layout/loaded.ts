import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { importsOf } from './imports.ts'

const root = join(import.meta.dirname, '../..')

const [shared, sharedFolder] = ['@joinery/testing/', 'packages/testing/src/']
const isHelper = /^(?:test|demo)\/|\/test\/|^packages\/testing\//

/** Files of tests and their helpers that `file` loads, itself among them. */
export const loaded = (file: string, known = new Set<string>()): Set<string> => {
  if (known.has(file)) return known
  known.add(file)
  for (const { specifier = '', kind } of importsOf(readFileSync(join(root, file), 'utf8'))) {
    if (kind !== 'static') continue
    if (specifier.startsWith(shared)) loaded(`${join(sharedFolder, specifier.slice(shared.length))}.ts`, known)
    const other = join(dirname(file), specifier)
    if (specifier.startsWith('.') && isHelper.test(other)) loaded(other, known)
  }
  return known
}

/** What a test file loads, directly or by its helpers: these files, and all that they import by another name. */
export const loadsOf = (file: string): string[] =>
  [...loaded(file)].flatMap((one) => [
    one,
    ...importsOf(readFileSync(join(root, one), 'utf8')).map(({ specifier = '' }) => specifier)
  ])
