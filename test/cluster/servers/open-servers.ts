import type { Test } from 'tap'
import { type Bed, openBed } from '../bed/bed.ts'
import { type TokenWatch, watchTokens } from '../token-watch.ts'
import { type Servers, threeServers } from './three-servers.ts'

/** A bed with three servers that run, and with a watch of every token that they ever make. */
export interface World {
  bed: Bed
  servers: Servers
  tokens: TokenWatch
}

/** Opens a bed until the test is over, and starts the three servers. */
export const openServers = async (t: Test): Promise<World> => {
  const bed = await openBed()
  t.teardown(() => bed.close())
  t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)
  const tokens = await watchTokens(bed)
  const servers = await threeServers(bed)
  for (const server of servers.all) await server.start()
  return { bed, servers, tokens }
}
