import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { taken } from '@joinery/testing/processes/needs'
import t from 'tap'
import { root } from './pages.ts'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const all = Object.entries<{ for: string; package?: string }>(taken)

t.test('the page of contributors has all that tests take from a machine, and what is skipped without it', async (t) => {
  const [, rows = ''] = /^\| if there is no \|.*\n\|.*\n((?:\|.*\n)+)/m.exec(read('CONTRIBUTING.md')) ?? []
  const expected = all.map(
    ([name, { for: what, package: brings }]) => `| ${[name, what, brings ?? '-'].join(' | ')} |\n`
  )
  t.equal(rows, expected.join(''))
})

t.test('CI installs each of them that Debian has', async (t) => {
  const [, packages = ''] = /^packages=\(([^)]*)\)/m.exec(read('.ci/run')) ?? []
  const installed = packages.split(/\s+/)
  for (const [name, { package: brings }] of all) if (brings !== undefined) t.ok(installed.includes(brings), name)
})
