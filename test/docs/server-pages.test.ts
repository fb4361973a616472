import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { serverPages } from '../../docs/server/pages.ts'

const reference = join(import.meta.dirname, '../../docs/reference')

for (const [name, text] of Object.entries(serverPages())) {
  t.test(`docs/reference/${name} is as the code makes it`, async (t) => {
    t.equal(readFileSync(join(reference, name), 'utf8'), text, 'else run: node_modules/.bin/node docs/server/main.ts')
  })
}
