import { runTogether } from './groups.ts'

await runTogether('journeys-command')
