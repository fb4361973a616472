import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPages } from './pages.ts'

for (const [name, text] of Object.entries(apiPages())) {
  writeFileSync(join(import.meta.dirname, '../reference', name), text)
}
