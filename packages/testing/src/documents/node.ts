import type { ClusterNode } from '@joinery/server/testing/cluster'

/** A Node as the cluster shows it to the server. By default it registered a minute ago, and is not Ready yet. */
export const aNode = (name: string, more: Partial<ClusterNode> = {}): ClusterNode => ({
  name,
  uid: `uid of ${name}`,
  created: new Date('2026-01-01T00:01:00Z'),
  machineId: 'm1',
  systemUuid: 'u1',
  addresses: [],
  ready: 'False',
  reason: '',
  message: '',
  conditions: [],
  labels: {},
  taints: [],
  ...more
})
