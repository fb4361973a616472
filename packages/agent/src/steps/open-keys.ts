import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { ClusterFacts, Credential } from '@joinery/protocol'
import type { SharedFiles } from '@joinery/protocol/seal'
import type { ControlPlaneJoin, Failure } from '../journal/journal.ts'
import { parseEndpoint } from '../machine/preflight/reach/endpoints.ts'
import type { Context } from './context.ts'

/** The parts that make a machine a control plane, beside its credential. */
interface ControlPlaneParts {
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

/** The private keys of control planes. The key of the cluster's CA is the first. */
const privateKeys = ['ca.key', 'front-proxy-ca.key', 'etcd/ca.key', 'apiserver-etcd-client.key', 'sa.key'] as const

/**
 * The first private key that does not fit its certificate or public key, with the name of that file. Undefined if
 * every key fits. Nobody signs a grant, and anybody can seal to the machine. So only the holder of the key of the
 * cluster's CA can make a grant that passes. If a file has several certificates, the first counts, as for kubeadm. If
 * it has several public keys, any of them counts, as for the API server.
 */
export const unpairedKey = (keys: SharedFiles): { key: string; of: string } | undefined => {
  for (const key of privateKeys) {
    const text = keys[key]
    if (text === undefined) continue
    const of = key.replace(/key$/, key === 'sa.key' ? 'pub' : 'crt')
    if (!isKeyOf(text, publicKeys(keys[of] ?? ''))) return { key, of }
  }
  return undefined
}

const isKeyOf = (text: string, wanted: KeyObject[]): boolean => {
  try {
    const secrets = pemBlocks(text).filter(({ label }) => label.endsWith('PRIVATE KEY'))
    const own = createPublicKey(createPrivateKey(text))
    return secrets.length === 1 && wanted.some((one) => one.equals(own))
  } catch {
    return false
  }
}

/** The public key of the first certificate, or every public key. A file has one of the two kinds, and nothing else. */
const publicKeys = (text: string): KeyObject[] => {
  try {
    const blocks = pemBlocks(text)
    if (blocks.every(({ label }) => label === 'PUBLIC KEY')) return blocks.map(({ pem }) => createPublicKey(pem))
    const [first] = blocks
    const certificates = blocks.every(({ label }) => label === 'CERTIFICATE')
    return first !== undefined && certificates ? [new X509Certificate(first.pem).publicKey] : []
  } catch {
    return []
  }
}

/**
 * The PEM blocks that Go and OpenSSL both see in a text. kubeadm and the API server read these files with Go's
 * parser, this agent with OpenSSL's. Throws at anything that begins like a block and is none to the strictest
 * reading, so that both see the same blocks.
 */
const pemBlocks = (text: string): { label: string; pem: string }[] => {
  const blocks = [...text.matchAll(/^-----BEGIN ([A-Z ]+)-----\r?\n[A-Za-z0-9+/=\r\n]+^-----END \1-----\r?$/gm)]
  if (blocks.length !== text.split('-----BEGIN').length - 1) throw new Error('PEM that can be read in two ways')
  return blocks.map(([pem, label = '']) => ({ label, pem }))
}
