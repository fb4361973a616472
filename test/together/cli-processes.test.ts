import { runTogether } from './groups.ts'

await runTogether('cli-processes')
