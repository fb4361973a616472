import { randomBytes } from 'node:crypto'
import { workerGroup } from '@joinery/kube/names'
import type { Clock } from '@joinery/server/testing/base'
import { eventually } from '../clocks/eventually.ts'
import type { NodeRegistration } from '../cluster/world/cluster-world.ts'
import { kubeletRequest } from '../cluster/world/kubelet-request.ts'
import type { Pairing } from './pairing.ts'

/**
 * Asks for a node's certificate by a token that is not the server's, as `kubeadm join` does with a token of kubeadm.
 * The text `before` is put before the request.
 */
export const askOutside = async (cluster: Pairing['cluster'], clock: Clock, nodeName: string, before = '') => {
  const id = randomBytes(3).toString('hex')
  const secret = randomBytes(8).toString('hex')
  const expires = new Date(clock.now().getTime() + 600_000)
  await cluster.createToken({ id, secret, group: workerGroup, expires, description: 'not of the server' })
  const { request, key } = await kubeletRequest(nodeName)
  const csr = await cluster.submitCsr({ token: { id, secret }, request: before + request })
  await cluster.deleteToken(id)
  return { csr, key, username: `system:bootstrap:${id}` }
}

/** Joins a machine outside of Joinery: somebody approves its request. Returns what its kubelet registers with. */
export const joinOutside = async (
  cluster: Pairing['cluster'],
  clock: Clock,
  name: string
): Promise<NodeRegistration> => {
  const { csr, key } = await askOutside(cluster, clock, name)
  const undo = await cluster.bindBootstrappersToNodeclient()
  const certificate = await eventually(`the certificate of ${csr}`, async () => (await cluster.csr(csr))?.certificate)
  await undo()
  const machineId = randomBytes(16).toString('hex')
  const registration = { name, certificate, key, machineId, systemUuid: machineId }
  await cluster.registerNode(registration)
  return registration
}
