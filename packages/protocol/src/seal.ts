import { createPublicKey, type KeyObject } from 'node:crypto'
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, exportJWK, importJWK } from 'jose'
import { fingerprint } from './words/fingerprint.ts'

/**
 * The files that control planes of a cluster share, as paths below /etc/kubernetes/pki, with their text: `certs` of
 * `kubeadm init phase upload-certs` (KEP-2501 has the list). With stacked etcd they include its CA, with external
 * etcd a client certificate for it.
 */
export const sharedFiles = {
  always: ['ca.crt', 'ca.key', 'sa.key', 'sa.pub', 'front-proxy-ca.crt', 'front-proxy-ca.key'],
  stacked: ['etcd/ca.crt', 'etcd/ca.key'],
  external: ['etcd/ca.crt', 'apiserver-etcd-client.crt', 'apiserver-etcd-client.key']
} as const
export type SharedFiles = Record<string, string>

/** The content that is sealed. It is for one enrolment, so that it is good for nothing in another one of the same machine. */
export interface SealedKeys {
  enrolment: string
  files: SharedFiles
}

const signature = { alg: 'ES256', typ: 'joinery-seal-key' } as const
const encryption = { alg: 'ECDH-ES', enc: 'A256GCM', typ: 'joinery-keys' } as const

/**
 * Signs a seal key with the machine key. So the machine that was approved is the one that can open. `key` is the
 * public part of a machine's seal key, P-256.
 */
export const signSealKey = async (key: KeyObject, machineKey: KeyObject): Promise<string> => {
  const jwk = await exportJWK(createPublicKey(machineKey.export({ type: 'pkcs8', format: 'pem' })))
  const payload = JSON.stringify(await exportJWK(key))
  return new CompactSign(Buffer.from(payload)).setProtectedHeader({ ...signature, jwk }).sign(machineKey)
}

/** The seal key of the machine with that fingerprint. Throws if the machine key of this fingerprint did not sign it. */
export const readSealKey = async (signed: string, machine: string): Promise<KeyObject> => {
  const { payload } = await compactVerify(
    signed,
    ({ jwk, typ }) => {
      if (typ !== signature.typ || jwk === undefined) throw new Error('this is no seal key')
      const machineKey = createPublicKey({ key: jwk as object, format: 'jwk' })
      if (fingerprint(machineKey) !== machine) throw new Error('it was signed by another machine')
      return machineKey
    },
    { algorithms: [signature.alg] }
  )
  const key = createPublicKey({ key: JSON.parse(Buffer.from(payload).toString()), format: 'jwk' })
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('a seal key is of P-256')
  return key
}

/** A compact JWE (RFC 7516) that only the seal key's machine opens. */
export const seal = async (keys: SealedKeys, sealKey: KeyObject): Promise<string> =>
  new CompactEncrypt(Buffer.from(JSON.stringify(keys)))
    .setProtectedHeader(encryption)
    .encrypt(await importJWK(await exportJWK(sealKey), encryption.alg))

/**
 * Opens the keys that were sealed for this enrolment. Throws if they were for another one, or are not what control
 * planes share.
 */
export const unseal = async (sealed: string, sealKey: KeyObject, enrolment: string): Promise<SharedFiles> => {
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, sealKey, {
    keyManagementAlgorithms: [encryption.alg],
    contentEncryptionAlgorithms: [encryption.enc]
  })
  const keys = JSON.parse(Buffer.from(plaintext).toString()) as Partial<SealedKeys>
  if (protectedHeader.typ !== encryption.typ || keys.enrolment !== enrolment) {
    throw new Error('the keys were sealed for another enrolment')
  }
  return requireShared(keys.files)
}

/** Lets through exactly the files of a cluster with stacked etcd, or with external etcd: a name may come from anywhere. */
const requireShared = (files: unknown): SharedFiles => {
  const given = Object.entries(typeof files === 'object' && files !== null ? files : {})
  const names = given.map(([name]) => name).sort()
  const fits = ([sharedFiles.stacked, sharedFiles.external] as const).some(
    (etcd) => names.join() === [...sharedFiles.always, ...etcd].sort().join()
  )
  if (!fits || given.some(([, text]) => typeof text !== 'string')) {
    throw new Error('the sealed files are not the ones that control planes share')
  }
  return Object.fromEntries(given) as SharedFiles
}
