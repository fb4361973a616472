import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { CodeRequest } from '@joinery/protocol'
import { readSealKey, type SharedFiles, seal, signSealKey, unseal } from '@joinery/protocol/seal'
import { sharedKeys } from '../cluster/shared-keys.ts'
import type { Pairing } from './pairing.ts'
import { approve, register, withApprovedCsr } from './steps.ts'
import type { TestMachine } from './test-machine.ts'

/** Marks each text with a beginning that must be found nowhere else. */
const inClear = (files: SharedFiles): SharedFiles =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [file, `in clear: ${file}\n${text}`]))

/** Files below /etc/kubernetes/pki on a control plane of some cluster with stacked etcd. */
export const clusterKeys = inClear(await sharedKeys())

/** Files below /etc/kubernetes/pki on a control plane of the pairing's cluster. */
export const keysOf = async ({ cluster }: Pairing): Promise<SharedFiles> => ({
  ...clusterKeys,
  ...inClear({ 'ca.key': cluster.caKey }),
  'ca.crt': (await cluster.endpoint()).certificateAuthority
})

export const controlPlaneMark = { 'node-role.kubernetes.io/control-plane': '' }

export interface ControlPlane {
  name: string
  machine: TestMachine
  /** Seal key, signed, as the agent sends it. */
  sealKey: string
  /** Opens the keys that were sealed for the enrolment of that id. */
  open(sealed: string, enrolment: string): ReturnType<typeof unseal>
}

export const newSealKey = async ({ identity }: TestMachine): Promise<{ sealKey: string; privateKey: KeyObject }> => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { sealKey: await signSealKey(publicKey, createPrivateKey(identity.key)), privateKey }
}

/** A machine that enrolled as a control plane. */
export const enrolled = async (
  pairing: Pairing,
  name: string,
  more: Partial<CodeRequest> & { joinKey?: string } = {}
): Promise<ControlPlane> => {
  const { joinKey, ...request } = more
  const machine = await pairing.machine()
  const { sealKey, privateKey } = await newSealKey(machine)
  const { code } = await pairing.operator.createCode({ name, ttl: 1800, role: 'control-plane', ...request })
  await machine.enrol(code, { sealKey, ...(joinKey !== undefined && { joinKey }) })
  return { name, machine, sealKey, open: (sealed, enrolment) => unseal(sealed, privateKey, enrolment) }
}

/** Seals the keys as root does on a control-plane host, for what is shown now. */
export const sealedKeys = async ({ operator }: Pairing, name: string, files: SharedFiles = clusterKeys) => {
  const { id, key, sealKey = '' } = await operator.show(name)
  const sealed = await seal({ enrolment: id, files }, await readSealKey(sealKey, key))
  return { key, sealKey, sealed }
}

export const grant = async (pairing: Pairing, name: string, files?: SharedFiles) =>
  pairing.operator.grant(name, await sealedKeys(pairing, name, files))

/** A control plane whose Node kubeadm has marked. */
export const joinedControlPlane = async (pairing: Pairing, name: string) => {
  const one = await enrolled(pairing, name)
  await approve(pairing, name)
  await grant(pairing, name)
  const { csr, key } = await withApprovedCsr(pairing, one.machine, name)
  const certificate = await register(pairing, one.machine, name, csr, key)
  await pairing.cluster.relabelNode(name, { labels: controlPlaneMark, taints: [] })
  await pairing.reconcile()
  const { machineId } = one.machine.facts
  const registersAgain = (as = machineId) =>
    pairing.cluster.registerNode({ name, certificate, key, machineId: as, systemUuid: as })
  return { ...one, holder: { certificate, key }, registersAgain }
}
