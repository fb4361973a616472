import type { OpenCluster } from '@joinery/testing/cluster/cluster-fixture'
import type { Test } from 'tap'
import { accessContract } from './cluster-contract-access.ts'
import { certificateContract } from './cluster-contract-certificates.ts'
import { csrContract } from './cluster-contract-csrs.ts'
import { deletionContract } from './cluster-contract-deletions.ts'
import { generationContract } from './cluster-contract-generation.ts'
import { labelContract } from './cluster-contract-labels.ts'
import { nodeContract } from './cluster-contract-nodes.ts'
import { policyContract } from './cluster-contract-policies.ts'
import { rightsContract } from './cluster-contract-rights.ts'
import { servingContract } from './cluster-contract-serving.ts'
import { sightContract } from './cluster-contract-sights.ts'
import { tokenContract } from './cluster-contract-tokens.ts'

/**
 * What the port `UnguardedCluster` promises, for every implementation, the real cluster included. Where the rehearsal differs
 * from the real one, the rehearsal is wrong. Leaves nothing behind in the cluster.
 */
export const clusterContract = (t: Test, name: string, open: () => Promise<OpenCluster>): Promise<unknown> =>
  t.test(name, async (t) => {
    const opened = await open()
    t.teardown(() => opened.close())
    await accessContract(t, opened)
    await tokenContract(t, opened)
    await policyContract(t, opened)
    await rightsContract(t, opened)
    await csrContract(t, opened)
    await certificateContract(t, opened)
    await servingContract(t, opened)
    await nodeContract(t, opened)
    await labelContract(t, opened)
    await sightContract(t, opened)
    await deletionContract(t, opened)
    await generationContract(t, opened)
  })

/** Of it, what a server is promised that was set up for serving certificates and diagnosis, beside the rest. */
export const moreClusterContract = (t: Test, name: string, open: () => Promise<OpenCluster>): Promise<unknown> =>
  t.test(`${name}, with serving certificates and diagnosis`, async (t) => {
    const opened = await open()
    t.teardown(() => opened.close())
    await policyContract(t, opened, ['joinery-csr-approvals'])
    await servingContract(t, opened)
    await sightContract(t, opened)
  })
