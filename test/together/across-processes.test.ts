import { runTogether } from './groups.ts'

await runTogether('across-processes')
