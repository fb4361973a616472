import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostAndPort } from '@joinery/protocol'
import { clusterPartsOf } from '@joinery/server/testing/config'
import { type FixedFacts, setupDigest, withFixedFacts } from '@joinery/server/testing/trust'
import type { FakeCluster } from './fake/fake-cluster.ts'

/** Fixes in the state folder what `joinery-server setup` of this version fixes of a cluster. */
export const fixFacts = (config: Parameters<typeof clusterPartsOf>[0] & { state: string }, facts: FixedFacts) => {
  const fixed = withFixedFacts('clusters: [{ name: cluster }]', {
    setup: setupDigest(clusterPartsOf(config)),
    ...facts
  })
  return writeFile(join(config.state, 'kubeconfig'), fixed, { mode: 0o600 })
}

/** Facts that setup would fix of a rehearsed cluster. Each call gives the cluster another uid. */
export const factsOfRehearsal = async (cluster: Pick<FakeCluster, 'endpoint'>): Promise<FixedFacts> => ({
  cluster: randomUUID(),
  apiEndpoint: hostAndPort((await cluster.endpoint()).server)
})
