import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { glossaryPages } from '../../docs/glossary/pages.ts'

const reference = join(import.meta.dirname, '../../docs/reference')

for (const [name, text] of Object.entries(glossaryPages())) {
  t.test(`docs/reference/${name} is as the page of style makes it`, async (t) => {
    t.equal(readFileSync(join(reference, name), 'utf8'), text, 'else run: node_modules/.bin/node docs/glossary/main.ts')
  })
}
