import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { SharedFiles } from '@joinery/protocol/seal'

/** The private keys of control planes; that of the cluster's CA first. */
const privateKeys = ['ca.key', 'front-proxy-ca.key', 'etcd/ca.key', 'apiserver-etcd-client.key', 'sa.key'] as const

/**
 * The first private key that is not the key of its certificate, or of its public key, with that one's name; undefined
 * where every one is. A grant is signed by nobody, and anybody can seal to the machine: whoever has the key of the
 * cluster's CA is the only one who can make a grant that passes. Of a file with several certificates the first
 * counts, as for kubeadm; of public keys any, as for the API server.
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
    const own = createPublicKey(createPrivateKey(text))
    return wanted.some((one) => one.equals(own))
  } catch {
    return false
  }
}

/** Of the first certificate, or else of every PEM block of a public key. */
const publicKeys = (text: string): KeyObject[] => {
  try {
    const blocks = text.match(/^-----BEGIN PUBLIC KEY-----$[^-]*^-----END PUBLIC KEY-----$/gm)
    return blocks?.map((block) => createPublicKey(block)) ?? [new X509Certificate(text).publicKey]
  } catch {
    return []
  }
}
