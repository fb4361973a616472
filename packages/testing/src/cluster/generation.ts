import { readStateKeys, sealGeneration } from '@joinery/server/testing/generation'
import type { FakeCluster } from './fake/fake-cluster.ts'

/** A pairing server, as far as its generation is concerned. */
interface Known {
  cluster: FakeCluster
  config: { state: string }
}

/** The number by which the cluster knows the store. Its MAC stands behind it. */
export const notedGeneration = async ({ cluster }: Pick<Known, 'cluster'>): Promise<number> =>
  Number((await cluster.generation()).text?.split(' ')[0])

/** Puts a number into the cluster as a server on a copy of this store does, which has its keys. */
export const noteAsCopy = async ({ cluster, config }: Known, number: number): Promise<void> => {
  const { masterKeys } = await readStateKeys(config.state)
  await cluster.writeGenerationAsAdmin(sealGeneration(number, masterKeys))
}
