import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from './pages.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

t.test('the README is a page that a newcomer reads to its end', async (t) => {
  const lines = readme.trimEnd().split('\n').length
  t.ok(lines <= 150, `${lines} lines`)
})

t.test('the README sends nobody to a source file before its section for those who work on it', async (t) => {
  const [forUsers = '', ...forContributors] = readme.split('\n## Work on it\n')
  t.equal(forContributors.length, 1)
  const links = [...forUsers.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = '']) => link)
  t.ok(links.length > 20)
  t.same(
    links.filter((link) => !/(\.md|^docs\/console\.png)$/.test(link) || /^(packages|test|packaging)\//.test(link)),
    []
  )
})
