import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { SharedFiles } from '@joinery/protocol/seal'

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
