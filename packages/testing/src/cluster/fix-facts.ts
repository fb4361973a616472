import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostAndPort } from '@joinery/protocol'
import type { RehearsalCluster } from '@joinery/server/testing/rehearsal'
import { type FixedFacts, withFixedFacts } from '@joinery/server/testing/trust'

/** Fixes in this state folder what `joinery-server setup` fixes of a cluster. */
export const fixFacts = (state: string, facts: FixedFacts): Promise<void> =>
  writeFile(join(state, 'kubeconfig'), withFixedFacts('clusters: [{ name: cluster }]', facts), { mode: 0o600 })

/** Facts that setup would fix of a rehearsed cluster. Each call gives the cluster another uid. */
export const factsOfRehearsal = async (cluster: Pick<RehearsalCluster, 'endpoint'>): Promise<FixedFacts> => ({
  cluster: randomUUID(),
  apiEndpoint: hostAndPort((await cluster.endpoint()).server)
})
