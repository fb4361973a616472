import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Metafile } from 'esbuild'
import t from 'tap'
import { bundle } from '../../packaging/bundle/bundle.ts'
import { pageFiles } from '../../packaging/bundle/pages.ts'

process.chdir(resolve(import.meta.dirname, '../..'))

/** A program of which these are the sources. */
const programOf = (pattern: string): Metafile => ({
  inputs: Object.fromEntries(globSync(pattern).map((file) => [file, { bytes: 0, imports: [] }])),
  outputs: {}
})
const sources = 'packages/*/src/**/*.{ts,tsx}'

t.test('a package brings each page that a message of its program names', async (t) => {
  const table: [sources: string, folder: string, page: string][] = [
    ['packages/cli/src/**/*.ts', '/usr/share/doc/joinery', 'reference/policy.md'],
    // the page of the console names it too
    ['packages/server/src/**/*.ts', '/usr/share/doc/joinery-server', 'how-to/several-servers.md']
  ]
  for (const [sources, folder, page] of table) {
    const files = pageFiles(programOf(sources), folder)
    const file = files.find(({ path }) => path === `${folder}/${page}`)
    t.match(file, { mode: 0o644, content: readFileSync(`docs/${page}`) }, page)
  }
  for (const { path, content } of pageFiles(programOf(sources), '/all')) t.match(`${content}`, /^# /m, path)
})

t.test('a packaged program says where a page lies in its package', async (t) => {
  const file = join(t.testdir({}), 'usr/lib/joinery/joinery.mjs')
  await bundle('packages/host/src/text/page-at.ts', file)
  const { pageAt } = (await import(file)) as { pageAt: (page: string) => string }
  t.equal(pageAt('how-to/policy.md'), resolve(dirname(file), '../../share/doc/joinery/how-to/policy.md'))
})

t.test('no message names a page but by its place', async (t) => {
  const named = globSync(sources).flatMap((source) =>
    readFileSync(source, 'utf8')
      .split('\n')
      .filter((line) => /docs\/\S+\.md/.test(line) && !/^\s*(\/?\*|\/\/)/.test(line))
      .map((line) => `${source}: ${line.trim()}`)
  )
  t.same(named, [])
})
