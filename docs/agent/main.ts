import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentPages } from './pages.ts'

for (const [name, text] of Object.entries(agentPages())) {
  writeFileSync(join(import.meta.dirname, '../reference', name), text)
}
