import { generateKeyPairSync } from 'node:crypto'

/** PEM (PKCS#8) of a new P-256 key. */
export const makeKey = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  }).privateKey
