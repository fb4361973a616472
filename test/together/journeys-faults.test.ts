import { goByTls } from '@joinery/testing/cluster/fake/server-side'
import { runTogether } from './groups.ts'

// of all journeys these cut the most connections: here they are real ones
goByTls()
await runTogether('journeys-faults')
