import { generateKeyPairSync } from 'node:crypto'

/** Makes a new P-256 key, as PEM (PKCS#8). */
export const makeKey = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  }).privateKey
