import { generateKeyPairSync } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509'
import { makeAuthority } from '../../../../src/core/keys/certificates.ts'
import { cryptoKeys, readKeyPair, signingAlgorithm } from '../../../../src/core/keys/keys.ts'

const newPair = () =>
  readKeyPair(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  )

/** A CA of clients, and what it signs: PEM of a certificate and of its key. */
export const clientAuthority = async () => {
  const pair = newPair()
  const certificate = await makeAuthority(pair, new Date())
  return {
    certificate,
    client: async (usage: ExtendedKeyUsage = ExtendedKeyUsage.clientAuth, days = 1) => {
      const own = newPair()
      const made = await X509CertificateGenerator.create({
        subject: 'CN=prometheus',
        issuer: new X509Certificate(certificate).subjectName,
        notBefore: new Date(Date.now() - 10 * 86_400_000),
        notAfter: new Date(Date.now() + days * 86_400_000),
        publicKey: cryptoKeys(own).publicKey,
        signingKey: cryptoKeys(pair).privateKey,
        signingAlgorithm,
        extensions: [new BasicConstraintsExtension(false, undefined, true), new ExtendedKeyUsageExtension([usage])]
      })
      return { cert: made.toString('pem'), key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
    }
  }
}
