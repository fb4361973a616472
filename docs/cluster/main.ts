import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusterPages } from './pages.ts'

for (const [name, text] of Object.entries(clusterPages())) {
  writeFileSync(join(import.meta.dirname, '../reference', name), text)
}
