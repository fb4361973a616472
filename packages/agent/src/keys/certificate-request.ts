import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { JoinKey } from './join-key.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * The PKCS#10 request (PEM) that a kubelet of this name makes, signed with the join key. Loads @peculiar/x509, which
 * costs 5 MB.
 */
export const certificateRequest = async ({ key }: Pick<JoinKey, 'key'>, nodeName: string): Promise<string> => {
  await import('reflect-metadata')
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509')
  const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' })
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: ['system:nodes'] }, { CN: [`system:node:${nodeName}`] }],
    signingAlgorithm: algorithm,
    keys: {
      privateKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['sign']),
      publicKey: await crypto.subtle.importKey('spki', new Uint8Array(spki), algorithm, true, ['verify'])
    }
  })
  return request.toString('pem')
}
