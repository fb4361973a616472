import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { allPages, root } from './pages.ts'

const pages = allPages()
const linksOf = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => (link ? [link] : []))

t.test('every link of every page leads to a file that is there', async (t) => {
  t.ok(pages.includes('README.md'))
  for (const page of pages) {
    for (const link of linksOf(page)) {
      if (/^https?:/.test(link)) continue
      const file = join(root, dirname(page), link.replace(/#.*$/, ''))
      t.ok(existsSync(file), `${page}: ${link}`)
    }
  }
})

/** As GitHub makes them of the headings of a page. */
const anchorsOf = (page: string): string[] =>
  [
    ...readFileSync(join(root, page), 'utf8')
      .replace(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#+ (.*)$/gm)
  ].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
  )

t.test('every link to a part of a page leads to a heading that is there', async (t) => {
  for (const page of pages) {
    for (const link of linksOf(page)) {
      const [, path = '', anchor = ''] = /^([^#:]*)#(.+)$/.exec(link) ?? []
      const target = path === '' ? page : join(dirname(page), path)
      if (anchor !== '' && target.endsWith('.md')) t.ok(anchorsOf(target).includes(anchor), `${page}: ${link}`)
    }
  }
})

t.test('every page is reached from the README', async (t) => {
  const reached = new Set(['README.md'])
  for (const page of reached) {
    for (const link of linksOf(page)) {
      const target = join(dirname(page), link)
      if (target.endsWith('.md') && existsSync(join(root, target))) reached.add(target)
      // a linked folder shows its pages
      else for (const inside of pages) if (inside.startsWith(`${target}/`)) reached.add(inside)
    }
  }
  t.same(
    pages.filter((page) => !reached.has(page)),
    []
  )
})
