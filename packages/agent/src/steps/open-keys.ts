import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { ClusterFacts, Credential } from '@joinery/protocol'
import type { SharedFiles } from '@joinery/protocol/seal'
import type { ControlPlaneJoin, Failure } from '../journal/journal.ts'
import { parseEndpoint } from '../machine/preflight/reach/endpoints.ts'
import type { Context } from './context.ts'
import { unpairedKey } from './key-pairs.ts'

/** The parts that make a machine a control plane, beside its credential. */
export interface ControlPlaneParts {
  join: ControlPlaneJoin
  keys: SharedFiles
}

/** Opens the keys that were claimed for a control plane, or says why they cannot be used. Puts nothing on this machine. */
export const openKeys = async (credential: Credential, context: Context): Promise<ControlPlaneParts | Failure> => {
  const { looking, config, situation } = context
  const { nodeName, certificateAuthority } = credential
  let keys: SharedFiles
  try {
    keys = await unsealed(credential, context)
  } catch (error) {
    return notUsable(nodeName, `the keys of the cluster cannot be opened: ${(error as Error).message}`)
  }
  if (!isSameCertificate(keys['ca.crt'], certificateAuthority)) {
    return notUsable(
      nodeName,
      'the keys are of another cluster: their ca.crt is not the one that the pairing server gave'
    )
  }
  const unpaired = unpairedKey(keys)
  if (unpaired !== undefined) {
    const { key, of } = unpaired
    return notUsable(nodeName, `these are not the keys of the cluster: ${key} is not the key of ${of}`)
  }
  const inTheWay = await looking.keysInTheWay(keys)
  if (inTheWay.length > 0) {
    return failure('machine', `other keys lie on this machine: ${inTheWay.join(', ')}`, 'kubeadm reset')
  }
  const address = config.nodeIp ?? (await looking.nodeAddress(nodeName))
  if (address === undefined) return failure('machine', 'this machine has no address for its API server', 'ip address')
  return { join: joinAt(address, situation.cluster, await context.etcd.hasEtcdData()), keys }
}

/**
 * The control-plane part of a join, as the journal has it before anything is put on the machine. `hadEtcdData`: whose data of etcd lies
 * there already is not known, so it is never taken back.
 */
export const joinAt = (
  address: string,
  { etcd, controlPlanes = [] }: Partial<Pick<ClusterFacts, 'etcd' | 'controlPlanes'>> = {},
  hadEtcdData: boolean
): ControlPlaneJoin => {
  const hosts = controlPlanes.flatMap((text) => parseEndpoint(text)?.name ?? []).filter((host) => host !== address)
  return {
    address,
    ...(etcd !== 'external' && { etcdHosts: hosts }),
    ...(!hadEtcdData && { ownEtcdData: true })
  }
}

const unsealed = async ({ sealed }: Credential, { sealKey, situation }: Context): Promise<SharedFiles> => {
  const { enrolment } = situation
  if (sealed === undefined || typeof enrolment !== 'object') throw new Error('the pairing server gave no keys')
  const { unseal } = await import('@joinery/protocol/seal')
  return unseal(sealed, createPrivateKey((await sealKey.load()).key), enrolment.id)
}

const isSameCertificate = (one: string | undefined, other: string): boolean => {
  try {
    return new X509Certificate(one ?? '').raw.equals(new X509Certificate(other).raw)
  } catch {
    return false
  }
}

const notUsable = (name: string, cause: string): Failure =>
  failure('cluster', cause, `# as root on a control plane: joinery grant ${name}`)

const failure = (whose: Failure['class'], cause: string, remedy: string): Failure => ({
  class: whose,
  stage: '',
  cause: cause.slice(0, 512),
  remedy: [remedy],
  output: []
})
