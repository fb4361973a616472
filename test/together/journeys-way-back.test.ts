import { runTogether } from './groups.ts'

await runTogether('journeys-way-back')
