import { runTogether } from './groups.ts'

await runTogether('units-agent-machine')
