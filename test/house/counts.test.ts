import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { counts } from './counts.ts'
import { leaningComments } from './docstrings.ts'
import { longSentences } from './long-sentences.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Fails at more than `most`, showing all that was found, and at fewer, so that the number is lowered. */
const onlyFalls = (t: Test, most: number, found: string[]): void => {
  t.ok(
    found.length >= most,
    `only ${found.length} are left: write that in test/house/counts.ts in the place of ${most}`
  )
  t.ok(found.length <= most, `${found.length} is more than ${most}: write plainly what is new among these`, { found })
}

for (const name of readdirSync(join(root, 'packages'))) {
  t.test(`no more docstrings of packages/${name} lean on the code below them`, async (t) => {
    const files = globSync(`packages/${name}/src/**/*.ts`, { cwd: root }).sort()
    t.not(files.length, 0, 'the sources were searched')
    onlyFalls(
      t,
      counts.leaningComments[name] ?? 0,
      files.flatMap((file) =>
        leaningComments(read(file)).map(({ line, firstSentence }) => `${file}:${line} ${firstSentence}`)
      )
    )
  })
}

t.test('each package that has a number is there', async (t) => {
  t.same(Object.keys(counts.leaningComments).sort(), readdirSync(join(root, 'packages')).sort())
})

t.test('no more sentences of the pages have more than 30 words', async (t) => {
  const pages = globSync('{README,CONTRIBUTING,SECURITY,docs/**/*}.md', { cwd: root })
    .filter((page) => !page.startsWith('docs/adr/'))
    .sort()
  t.ok(pages.includes('README.md') && pages.length > 10, 'the pages were searched')
  onlyFalls(
    t,
    counts.longSentences,
    pages.flatMap((page) => longSentences(read(page)).map(({ words, text }) => `${page}: ${words} words: ${text}`))
  )
})
