import { runTogether } from './groups.ts'

await runTogether('slow-judges')
