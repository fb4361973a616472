import { runTogether } from './groups.ts'

await runTogether('house')
