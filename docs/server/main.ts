import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serverPages } from './pages.ts'

for (const [name, text] of Object.entries(serverPages())) {
  writeFileSync(join(import.meta.dirname, '../reference', name), text)
}
