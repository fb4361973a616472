import { X509Certificate } from 'node:crypto'
import { fingerprint } from '@joinery/protocol'
import { eventually } from '../clocks/eventually.ts'
import { kubeletRequest } from '../cluster/world/kubelet-request.ts'
import type { Pairing } from './pairing.ts'
import { approved, register, withApprovedCsr } from './steps.ts'
import type { TestMachine } from './test-machine.ts'

export interface JoinedMachine {
  machine: TestMachine
  /** PEM of the kubelet's certificate, and of its key. */
  certificate: string
  key: string
}

/** A machine whose Node has registered and is Ready. Its agent has not said so. */
export const joined = async (pairing: Pairing, name: string): Promise<JoinedMachine> => {
  const machine = await approved(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  const certificate = await register(pairing, machine, name, csr, key)
  await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', 'kubelet is posting ready status')
  await pairing.reconcile()
  return { machine, certificate, key }
}

/** A machine whose Node is Ready, and whose agent has said so. */
export const ready = async (pairing: Pairing, name: string): Promise<JoinedMachine> => {
  const one = await joined(pairing, name)
  const { publicKey, serialNumber: serial } = new X509Certificate(one.certificate)
  await one.machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  await pairing.reconcile()
  return one
}

/** Makes a Node whose certificate somebody else had approved: Joinery did not let it in. */
export const joinByHand = async ({ cluster }: Pairing, name: string): Promise<void> => {
  const { request, key } = await kubeletRequest(name)
  const own = await cluster.createOwnCsr({ name: 'joinery-by-hand', request })
  await cluster.approveCsr(own)
  const certificate = await eventually('it is issued', async () => (await cluster.ownCsr(own.name))?.certificate)
  await cluster.deleteOwnCsr(own.name)
  await cluster.registerNode({ name, certificate, key, machineId: 'd'.repeat(32), systemUuid: '' })
}

/** Moments at which the removal of a Node can be cut. */
export const cuts = [
  ['ban', 'before'],
  ['ban', 'after'],
  ['deleteNode', 'before'],
  ['deleteNode', 'after']
] as const

/** Cuts the server's power once, when it is about to make that call to the cluster, or has made it. */
export const cutPower = (
  { cluster }: Pairing,
  call: 'ban' | 'deleteNode',
  when: 'before' | 'after'
): { isCut(): boolean } => {
  const real = cluster[call] as (...args: unknown[]) => Promise<unknown>
  let cut = false
  Object.assign(cluster, {
    [call]: async (...args: unknown[]) => {
      Object.assign(cluster, { [call]: real })
      if (when === 'after') await real(...args)
      cut = true
      throw new Error('the power was cut')
    }
  })
  return { isCut: () => cut }
}
