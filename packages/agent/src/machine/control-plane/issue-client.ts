import { createPrivateKey, createPublicKey } from 'node:crypto'
import { minute } from '@joinery/protocol'
import { makeKey } from '../../keys/make-key.ts'

/**
 * Issues a client certificate by this CA, good for an hour from `now` on, as kubeadm makes one. PEM. Loads
 * @peculiar/x509, which costs 5 MB.
 */
export const issueClient = async (
  ca: { cert: string; key: string },
  now: number
): Promise<{ cert: string; key: string }> => {
  await import('reflect-metadata')
  const { ExtendedKeyUsage, ExtendedKeyUsageExtension, X509Certificate, X509CertificateGenerator } = await import(
    '@peculiar/x509'
  )
  const key = makeKey()
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: ['joinery-agent'] }],
    issuer: new X509Certificate(ca.cert).subject,
    // this machine's clock may be behind etcd's
    notBefore: new Date(now - 60 * minute),
    notAfter: new Date(now + 60 * minute),
    publicKey: await publicKeyOf(key),
    ...(await signerOf(ca.key)),
    extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]
  })
  return { cert: certificate.toString('pem'), key }
}

const publicKeyOf = (key: string) =>
  crypto.subtle.importKey(
    'spki',
    new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['verify']
  )

/** The signer of a CA's key. kubeadm's CAs are of RSA, or of P-256 if its configuration asks for that. */
const signerOf = async (pem: string) => {
  const key = createPrivateKey(pem)
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const pkcs8 = new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }))
  return {
    signingAlgorithm: algorithm,
    signingKey: await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign'])
  }
}
