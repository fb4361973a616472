import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'

const root = resolve(import.meta.dirname, '../..')
const below = '{packages/*/{src,test},test}/**'
const files = globSync(['packages/*/*.ts', `${below}/*.{ts,tsx}`], { cwd: root })
const pages = globSync(['packages/*/README.md', `${below}/README.md`], { cwd: root })

/** Names of source files that a page writes as code and not as a link: a test of links reads those. */
const namedIn = (text: string): string[] =>
  [...text.matchAll(/(?<!\[)`((?:[\w-]+\/)*[\w.-]+\.tsx?)`/g)].map(([, name = '']) => name)

t.test('a file that the page of a folder names is in that folder, or below it', async (t) => {
  const named = pages.flatMap((page) => namedIn(readFileSync(join(root, page), 'utf8')).map((name) => ({ page, name })))
  t.ok(named.length > 100, `${named.length} names were read`)
  const isThere = ({ page, name }: { page: string; name: string }): boolean =>
    files.some((file) => file === name || (file.startsWith(`${dirname(page)}/`) && file.endsWith(`/${name}`)))
  t.same(
    named.filter((one) => !isThere(one)).map(({ page, name }) => `${page}: ${name}`),
    []
  )
})
