import { runTogether } from './groups.ts'

await runTogether('server-and-api')
