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

/** Facts that setup would fix of this cluster. */
export const factsOfRehearsal = async ({
  fake,
  endpoint
}: Pick<FakeCluster, 'fake' | 'endpoint'>): Promise<FixedFacts> => ({
  cluster: fake.objects.get({ group: '', plural: 'namespaces' }, 'kube-system')?.metadata.uid ?? '',
  apiEndpoint: hostAndPort((await endpoint()).server)
})
