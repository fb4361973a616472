import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from './pages.ts'

const read = (name: string): string => readFileSync(join(root, `docs/security/${name}.md`), 'utf8')

/** Cells of each row of the tables whose first cell fits. */
const rows = (page: string, first: RegExp): string[][] =>
  page
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, cell = '']) => first.test(cell))

t.test(
  'each weakness has a number of its own, and names the commit that had it first and the one that fixed it',
  async (t) => {
    const found = rows(read('advisories'), /^J-/)
    t.same(
      found.map(([, number]) => number),
      found.map((_, index) => `J-${index + 1}`)
    )
    for (const [, number = '', what, who, since = '', fixed = ''] of found) {
      t.ok(what !== '' && who !== '', number)
      for (const commits of [since, fixed]) t.match(commits, /`[0-9a-f]{8}`/, number)
    }
  }
)

t.test('the baseline is counted as its rows say', async (t) => {
  const page = read('baseline')
  const controls = rows(page, /^[A-Z]{2}-\d\d\.\d\d$/)
  for (const [, level, ...counts] of rows(page, /^[12]$/)) {
    const ofLevel = controls.filter(([, , one]) => one === level)
    t.same(
      counts.slice(0, 3),
      ['met', 'not met', 'not here'].map((answer) => `${ofLevel.filter((control) => control[4] === answer).length}`)
    )
  }
  t.same(new Set(controls.map((control) => control[4])), new Set(['met', 'not met', 'not here']))
})
