import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const folder = join(import.meta.dirname, '../src')
const sources = globSync('**/*.{ts,tsx}', { cwd: folder }).map((file) => ({
  file,
  text: readFileSync(join(folder, file), 'utf8')
}))

/** Ways by which text becomes markup or a program. */
const ways = [
  'dangerouslySetInnerHTML',
  'innerHTML',
  'outerHTML',
  'insertAdjacentHTML',
  'document.write',
  'eval(',
  'new Function',
  'srcdoc',
  'javascript:'
]

t.test('nothing on the page makes markup or a program of text', async (t) => {
  t.ok(sources.length > 40, 'there are sources to search')
  for (const { file, text } of sources) {
    t.same(
      ways.filter((way) => text.includes(way)),
      [],
      file
    )
  }
})

t.test('the page loads nothing from elsewhere', async (t) => {
  const others = globSync('ui/**/*.{css,html}', { cwd: folder }).filter((file) =>
    /url\(|@import|https?:\/\/(?!www\.w3\.org)/.test(readFileSync(join(folder, file), 'utf8'))
  )
  t.same(others, [])
})
