export { type Authority, makeAuthority, makeLeaf } from '../core/keys/certificates.ts'
export { cryptoKeys, type KeyPair, makeKey, readKeyPair, signingAlgorithm } from '../core/keys/keys.ts'
