import 'reflect-metadata'
import { createPrivateKey } from 'node:crypto'
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, X509Certificate, X509CertificateGenerator } from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
/** kubeadm makes CAs with RSA keys, and the rehearsal cluster does not. */
const ofKubeadm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

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
  const certificate = await X509CertificateGenerator.create({
    subject: nodeName === undefined ? old.subject : [{ O: ['system:nodes'] }, { CN: [`system:node:${nodeName}`] }],
    issuer: new X509Certificate(by.certificate).subject,
    notBefore,
    notAfter,
    publicKey: await old.publicKey.export(),
    ...(await signingBy(by)),
    extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]
  })
  return `${certificate.toString('pem')}\n`
}

/** A certificate (PEM) with the same subject, of another key. */
export const ofAnotherKey = async (pem: string, by: Signer): Promise<string> => {
  const { publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    subject: new X509Certificate(pem).subject,
    issuer: new X509Certificate(by.certificate).subject,
    publicKey,
    ...(await signingBy(by))
  })
  return `${certificate.toString('pem')}\n`
}

const signingBy = async ({ key }: Signer) => {
  const privateKey = createPrivateKey(key)
  const signingAlgorithm = privateKey.asymmetricKeyType === 'rsa' ? ofKubeadm : algorithm
  const der = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))
  return {
    signingKey: await crypto.subtle.importKey('pkcs8', der, signingAlgorithm, false, ['sign']),
    signingAlgorithm
  }
}
