import { runTogether } from './groups.ts'

await runTogether('daemon-processes')
