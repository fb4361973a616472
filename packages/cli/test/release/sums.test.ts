import t from 'tap'
import { readSums } from '../../src/release/sums.ts'

const hash = 'a'.repeat(64)

t.test('lines of sha256sum are read', async (t) => {
  const sums = readSums(`${hash}  PROGRAMS\n${'b'.repeat(64)} *npm/dist/joinery.mjs\n`)
  t.same(
    [...(sums ?? [])],
    [
      ['PROGRAMS', hash],
      ['npm/dist/joinery.mjs', 'b'.repeat(64)]
    ]
  )
})

const refused: [what: string, text: string][] = [
  ['nothing', ''],
  ['a shorter hash', `${'a'.repeat(63)}  PROGRAMS\n`],
  ['capital letters', `${'A'.repeat(64)}  PROGRAMS\n`],
  ['a line between that is none', `${hash}  PROGRAMS\n# no sum\n`],
  ['a path from the root', `${hash}  /etc/passwd\n`],
  ['a path out of its folder', `${hash}  npm/../../etc/passwd\n`],
  ['an escaped name', `\\${hash}  a\\nb\n`],
  ['one path twice', `${hash}  PROGRAMS\n${'b'.repeat(64)}  PROGRAMS\n`],
  ['line ends of Windows', `${hash}  PROGRAMS\r\n`]
]
for (const [what, text] of refused) {
  t.test(`${what} is no list of sums`, async (t) => t.equal(readSums(text), undefined))
}
