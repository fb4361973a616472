import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandPages } from './pages.ts'

for (const [name, text] of Object.entries(commandPages())) {
  writeFileSync(join(import.meta.dirname, '../reference', name), text)
}
