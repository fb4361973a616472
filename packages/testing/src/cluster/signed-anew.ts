import 'reflect-metadata'
import { createPrivateKey } from 'node:crypto'
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, X509Certificate, X509CertificateGenerator } from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A CA: its certificate and its key, PEM. */
export interface Signer {
  certificate: string
  key: string
}

/** Other values for a certificate than those that it has. */
export interface Anew {
  notBefore?: Date
  notAfter?: Date
  /** Node that the certificate is for. */
  nodeName?: string
}

/** Signs the public key of a certificate (PEM) anew, for its own subject and time unless others are given. */
export const signedAnew = async (pem: string, by: Signer, anew: Anew = {}): Promise<string> => {
  const old = new X509Certificate(pem)
  const { notBefore = old.notBefore, notAfter = old.notAfter, nodeName } = anew
  const signingKey = createPrivateKey(by.key).export({ type: 'pkcs8', format: 'der' })
  const certificate = await X509CertificateGenerator.create({
    subject: nodeName === undefined ? old.subject : [{ O: ['system:nodes'] }, { CN: [`system:node:${nodeName}`] }],
    issuer: new X509Certificate(by.certificate).subject,
    notBefore,
    notAfter,
    publicKey: await old.publicKey.export(),
    signingKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(signingKey), algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]
  })
  return `${certificate.toString('pem')}\n`
}

/** A certificate (PEM) with the same subject, of another key. */
export const ofAnotherKey = async (pem: string, by: Signer): Promise<string> => {
  const { publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const signingKey = createPrivateKey(by.key).export({ type: 'pkcs8', format: 'der' })
  const certificate = await X509CertificateGenerator.create({
    subject: new X509Certificate(pem).subject,
    issuer: new X509Certificate(by.certificate).subject,
    publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(signingKey), algorithm, false, ['sign']),
    signingAlgorithm: algorithm
  })
  return `${certificate.toString('pem')}\n`
}
