import { runTogether } from './groups.ts'

await runTogether('histories')
