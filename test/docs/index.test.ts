import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { glossaryPage, glossaryPages } from '../../docs/glossary/pages.ts'
import { allPages, root } from './pages.ts'

const index = 'docs/README.md'
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

t.test('every page of docs is on the index', async (t) => {
  const linked = [...read(index).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => join(dirname(index), link))
  const pages = allPages().filter((page) => page.startsWith('docs/') && page !== index)
  t.ok(pages.length > 50)
  t.same(
    pages.filter((page) => !linked.includes(page) && !linked.includes(dirname(page))),
    []
  )
})

t.test('the README names the index', async (t) => t.match(read('README.md'), '](docs/README.md)'))

for (const [name, text] of Object.entries(glossaryPages())) {
  t.test(`docs/reference/${name} is as the page of style makes it`, async (t) => {
    t.equal(read(`docs/reference/${name}`), text, 'else run: node_modules/.bin/node docs/glossary/main.ts')
  })
}

t.test('a word that the page of style does not have is no word of the glossary', async (t) => {
  const [, ...lines] = read('docs/contributing/style.md').split('\n| pin | ')
  t.equal(lines.length, 1)
  t.throws(() => glossaryPage(read('docs/contributing/style.md').replace('\n| pin | ', '\n| pins | ')), {
    message: /has no word pin/
  })
})
