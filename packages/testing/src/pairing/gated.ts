import { X509Certificate } from 'node:crypto'
import { type CodeRequest, fingerprint, joiningLabel, type Taints } from '@joinery/protocol'
import { eventually } from '../clocks/eventually.ts'
import type { Pairing } from './pairing.ts'
import { approve, askForCertificate } from './steps.ts'
import type { TestMachine } from './test-machine.ts'

/** A machine whose code has gates, and whose Node is there. */
export interface GatedMachine {
  machine: TestMachine
  /** Taints that the agent was told to register the Node with. */
  taints: Taints
  /** Registers the Node as the kubelet does, again or anew, with the taints that it was given. */
  registers(taints?: Taints): Promise<void>
  /** Makes the Node Ready, and the agent say so. */
  becomesReady(): Promise<void>
}

/** Lets a machine in by a code with these gates, until its kubelet may register its Node. */
export const gated = async (
  pairing: Pairing,
  name: string,
  readyWhen: string[],
  more: Partial<CodeRequest> = {}
): Promise<GatedMachine> => {
  const { code } = await pairing.operator.createCode({ name, ttl: 1800, readyWhen, ...more })
  return gatedBy(pairing, name, code)
}

/** The same by a code that is there. */
export const gatedBy = async (pairing: Pairing, name: string, code: string): Promise<GatedMachine> => {
  const { cluster } = pairing
  const machine = await pairing.machine()
  await machine.enrol(code)
  await approve(pairing, name)
  const credential = await machine.server.claim()
  if (!('token' in credential)) throw new Error('it is a certificate')
  const { taints: given = [] } = credential
  const { csr, key } = await askForCertificate(pairing, credential.token, name)
  await pairing.reconcile()
  const certificate = await eventually('the certificate', async () => (await cluster.csr(csr))?.certificate)
  const { machineId, addresses } = machine.facts
  const node = { name, certificate, key, machineId, systemUuid: machineId, addresses, labels: { [joiningLabel]: '' } }
  const registers = (taints: Taints = given) => cluster.registerNode({ ...node, taints })
  return {
    machine,
    taints: given,
    registers,
    becomesReady: async () => {
      await cluster.setNodeReady(name, 'True', 'KubeletReady', '')
      await pairing.reconcile()
      const { publicKey, serialNumber: serial } = new X509Certificate(certificate)
      await machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
      await pairing.reconcile()
    }
  }
}

/** A machine whose Node is Ready, and waits for its gates. */
export const waitingForGates = async (...given: Parameters<typeof gated>): Promise<GatedMachine> => {
  const one = await gated(...given)
  await one.registers()
  await one.becomesReady()
  return one
}
