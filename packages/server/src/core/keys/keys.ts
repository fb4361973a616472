import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
export const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }

/** Makes a new P-256 private key, as PEM of PKCS#8. */
export const makeKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: algorithm.namedCurve })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()

/** Length in bytes of the key that the secrets of tokens are derived from. */
export const masterKeyLength = 32

export interface KeyPair {
  privateKey: KeyObject
  publicKey: KeyObject
}

export const readKeyPair = (pem: string): KeyPair => ({
  privateKey: createPrivateKey(pem),
  publicKey: createPublicKey(pem)
})

/**
 * The pair as WebCrypto wants it. Node's type has usages that the DOM's type does not know, but the objects are the
 * same.
 */
export const cryptoKeys = ({ privateKey, publicKey }: KeyPair): CryptoKeyPair => ({
  privateKey: privateKey.toCryptoKey(algorithm, false, ['sign']) as CryptoKey,
  publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']) as CryptoKey
})
