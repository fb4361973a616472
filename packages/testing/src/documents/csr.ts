import { kubeletSigner, workerGroup } from '@joinery/kube/names'
import type { Csr } from '@joinery/server/testing/cluster'

/**
 * A CSR as the cluster shows it to the server. By default a kubelet asks with the token `abc123` of a worker, and nobody has
 * decided yet.
 */
export const aCsr = (name: string, more: Partial<Csr> = {}): Csr => ({
  name,
  uid: `uid of ${name}`,
  created: new Date('2026-01-01T00:01:00Z'),
  username: 'system:bootstrap:abc123',
  groups: ['system:bootstrappers', workerGroup, 'system:authenticated'],
  usages: ['digital signature', 'client auth'],
  signer: kubeletSigner,
  request: 'a request',
  approved: false,
  denied: false,
  ...more
})
