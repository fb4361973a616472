export { type Authority, makeAuthority, makeLeaf } from '../keys/certificates.ts'
export { cryptoKeys, type KeyPair, makeKey, readKeyPair, signingAlgorithm } from '../keys/keys.ts'
