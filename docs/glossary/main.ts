import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { glossaryPages } from './pages.ts'

for (const [name, text] of Object.entries(glossaryPages())) {
  writeFileSync(join(import.meta.dirname, '../reference', name), text)
}
