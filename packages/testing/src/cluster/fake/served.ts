import { namespace, serviceAccount } from '@joinery/kube/names'
import { kubernetesLease } from '@joinery/server/testing/kubernetes'
import type { LeaseObjects } from '@joinery/server/testing/leadership'
import type { Test } from 'tap'
import type { FakeCluster } from './fake-cluster.ts'

/** A cluster for servers that are processes of their own. */
export interface Served {
  /** Text of the servers' kubeconfig. */
  kubeconfig: string
  /** The Lease of the active server. */
  lease: LeaseObjects
}

/** Serves the API over TLS until the test is over. An earlier server has released its Lease, so that the next one takes it at once. */
export const served = async (t: Pick<Test, 'teardown'>, { fake, own }: FakeCluster): Promise<Served> => {
  const { url, close } = await fake.listen()
  t.teardown(close)
  const lease = kubernetesLease(own)
  const [renewed, acquired] = ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:00.000Z']
  await lease.write({ holder: '', term: 1, renewed, acquired, seconds: 1, address: '' }, undefined)
  return { kubeconfig: fake.kubeconfig({ token: fake.tokenOf(namespace, serviceAccount) }, url), lease }
}
