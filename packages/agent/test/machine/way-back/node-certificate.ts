import 'reflect-metadata'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { X509Certificate, X509CertificateGenerator } from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const der = { format: 'der' } as const

/** The client certificate (PEM) of a kubelet of that name, for this key, by this CA. */
export const nodeCertificate = async (
  ca: { cert: string; key: string },
  key: string,
  nodeName: string
): Promise<string> => {
  const [signer, subject] = [
    createPrivateKey(ca.key).export({ type: 'pkcs8', ...der }),
    createPublicKey(key).export({ type: 'spki', ...der })
  ]
  const certificate = await X509CertificateGenerator.create({
    subject: [{ O: ['system:nodes'] }, { CN: [`system:node:${nodeName}`] }],
    issuer: new X509Certificate(ca.cert).subject,
    publicKey: await crypto.subtle.importKey('spki', new Uint8Array(subject), algorithm, true, ['verify']),
    signingKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(signer), algorithm, false, ['sign']),
    signingAlgorithm: algorithm
  })
  return certificate.toString('pem')
}
