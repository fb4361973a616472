import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(crypto)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface Identity {
  cert: string
  key: string
}

interface Wanted {
  name: string
  serial?: string
  issuer?: Identity
  address?: string
  /** Times between which it is valid, an hour from now on by default. */
  valid?: { from: Date; until: Date }
}

/** Makes a P-256 certificate and its key in PEM: a CA of its own, or signed by `issuer`. */
export const makeCertificate = async ({ name, serial = '01', issuer, address, valid }: Wanted): Promise<Identity> => {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const signingKey = issuer === undefined ? keys.privateKey : await importKey(issuer.key)
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: issuer === undefined ? [{ CN: [name] }] : new x509.X509Certificate(issuer.cert).subject,
    serialNumber: serial,
    notBefore: valid?.from ?? new Date(Date.now() - 60_000),
    notAfter: valid?.until ?? new Date(Date.now() + 3_600_000),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(issuer === undefined, undefined, true),
      ...(address === undefined ? [] : [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: address }])])
    ]
  })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
}

const importKey = (pem: string) =>
  crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, true, ['sign'])
