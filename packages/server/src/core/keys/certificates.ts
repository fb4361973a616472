import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { day, fingerprint, serverName } from '@joinery/protocol'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509'
import { cryptoKeys, type KeyPair, signingAlgorithm } from './keys.ts'
import { leafDays } from './leaf.ts'

cryptoProvider.set(webcrypto as Crypto)

/** Validity that begins a day in the past: a machine's clock may be behind. */
const validity = (now: Date, days: number) => ({
  notBefore: new Date(now.getTime() - day),
  notAfter: new Date(now.getTime() + days * day)
})

/** Makes the certificate of the server's own CA (PEM), for ten years. Machines pin its key. */
export const makeAuthority = async (pair: KeyPair, now: Date): Promise<string> => {
  const keys = cryptoKeys(pair)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=joinery-ca ${fingerprint(pair.publicKey).slice('sha256:'.length, 'sha256:'.length + 8)}`,
    ...validity(now, 3650),
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey)
    ]
  })
  return pemText(certificate)
}

export interface Authority {
  pair: KeyPair
  /** PEM. */
  certificate: string
}

/** Makes the certificate of the agents' listener (PEM), for `leafDays`. It names `serverName` and `addresses`. */
export const makeLeaf = async (
  authority: Authority,
  pair: KeyPair,
  addresses: readonly string[],
  now: Date
): Promise<string> => {
  const issuer = cryptoKeys(authority.pair)
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${serverName}`,
    issuer: new X509Certificate(authority.certificate).subjectName,
    ...validity(now, leafDays),
    publicKey: cryptoKeys(pair).publicKey,
    signingKey: issuer.privateKey,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: serverName },
        ...addresses.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }))
      ]),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey)
    ]
  })
  return pemText(certificate)
}

/** PEM with a line break at its end, so that another one can follow. */
const pemText = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`
