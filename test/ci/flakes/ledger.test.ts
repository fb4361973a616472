import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Flake, ledgerEntry, openFlakes, refusesRemoval } from './ledger.ts'

const page = readFileSync(join(import.meta.dirname, '../../flakes.md'), 'utf8')
const flake: Flake = {
  name: 'test/some.test.ts',
  commit: '12345678',
  date: '2026-12-01',
  first: 'not ok 1 - seed: -42\n| `not/a/name` |',
  again: 'ok 1\n'
}

t.test('what is written down for a flake is found again', async (t) => {
  const { line, details } = ledgerEntry(flake)
  t.equal(line, '| `test/some.test.ts` | 12345678 | 2026-12-01 | -42 |')
  t.same(openFlakes(`${page.trimEnd()}\n${line}\n\n${details}\n`), [...openFlakes(page), flake.name])
  t.match(details, `\`\`\`text\n${flake.first}\n\`\`\`\n\nIt passed:\n\n\`\`\`text\nok 1\n\`\`\``)
  t.match(ledgerEntry({ ...flake, first: 'not ok' }).line, '| none |')
  t.ok(ledgerEntry({ ...flake, first: 'long'.repeat(10_000) }).details.length < 10_000)
})

t.test('a name leaves the ledger only with a commit that names it and changes what it is about', async (t) => {
  const { name } = flake
  const rows: [string, body: string, changed: string[], may: boolean][] = [
    ['the test', `${name} waited for a time.`, [name], true],
    ['the product', `${name} was right.`, ['packages/server/src/http/routes.ts'], true],
    ['a helper', `${name} waited.`, ['packages/testing/src/agents/until.ts'], true],
    ['a helper of a package', `${name} waited.`, ['packages/cli/test/command.ts'], true],
    ['a helper of the cluster', `${name} waited.`, ['test/cluster/bed/place.ts'], true],
    ['no word of it', 'Repair a test', [name], false],
    ['the ledger alone', name, ['test/flakes.md'], false],
    [
      'another test',
      name,
      ['test/other.test.ts', 'packages/cli/test/other.test.ts', 'test/cluster/a.cluster.ts'],
      false
    ],
    ['pages', name, ['README.md', 'docs/how-to/install.md'], false]
  ]
  for (const [row, body, changed, may] of rows) t.equal(refusesRemoval(name, body, changed) === undefined, may, row)
})
