import 'reflect-metadata'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'
import { readRequest } from './certificate-request.ts'

/** A certificate and its key, as PEM. */
export interface KeyPair {
  certificate: string
  key: string
}

/** The cluster's CA. */
export interface Authority extends KeyPair {
  /** Issues what the request (PEM) asks for, as the signers of kube-controller-manager do. A year if no seconds are given. */
  sign(request: string, usages: readonly string[], at: Date, expirationSeconds?: number): Promise<string>
  /** Makes a key and a certificate that lasts as long as the CA: for a client, or to serve TLS if there are hosts. */
  issueFor(holder: Holder): Promise<KeyPair>
}

export interface Holder {
  commonName: string
  organizations?: readonly string[]
  /** Host names and addresses. */
  hosts?: readonly string[]
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const minute = 60_000
const year = 365 * 24 * 60 * minute

const { ExtendedKeyUsage, KeyUsageFlags } = x509
const flags = { 'digital signature': KeyUsageFlags.digitalSignature, 'key encipherment': KeyUsageFlags.keyEncipherment }
const purposes = { 'client auth': ExtendedKeyUsage.clientAuth, 'server auth': ExtendedKeyUsage.serverAuth }
const [flagOf, purposeOf] = [new Map(Object.entries(flags)), new Map(Object.entries(purposes))]

/**
 * Makes a CA as kubeadm does: `CN=kubernetes`, ten years, five minutes backdated. It is valid by the clock of the machine too: clients look
 * at that one.
 */
export const certificateAuthority = async (now: () => Date): Promise<Authority> => {
  const clocks = [now().getTime(), Date.now()]
  const life = {
    notBefore: new Date(Math.min(...clocks) - 5 * minute),
    notAfter: new Date(Math.max(...clocks) + 10 * year)
  }
  const keys = await newKeys()
  const caFlags = KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyCertSign
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...life,
    name: [{ CN: ['kubernetes'] }],
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.KeyUsagesExtension(caFlags, true), new x509.BasicConstraintsExtension(true, undefined, true)]
  })
  const issue = async (
    wanted: Omit<x509.X509CertificateCreateWithKeyParams, 'signingKey'>,
    usages: readonly string[],
    names: x509.JsonGeneralNames
  ): Promise<string> => {
    const flag = usages.reduce((all, usage) => all | (flagOf.get(usage) ?? 0), 0)
    const certificate = await x509.X509CertificateGenerator.create({
      ...wanted,
      issuer: ca.subjectName,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.KeyUsagesExtension(flag, true),
        new x509.ExtendedKeyUsageExtension(usages.flatMap((usage) => purposeOf.get(usage) ?? [])),
        new x509.BasicConstraintsExtension(false, undefined, true),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [])
      ]
    })
    return certificate.toString('pem')
  }

  return {
    certificate: ca.toString('pem'),
    key: await pemOf(keys.privateKey),
    sign: async (text, usages, at, seconds) => {
      const { parsed, alternativeNames } = readRequest(text)
      const { notBefore, notAfter } = validity(at, seconds)
      const end = new Date(Math.min(notAfter.getTime(), life.notAfter.getTime()))
      const wanted = { subject: parsed.subjectName, publicKey: parsed.publicKey, notBefore, notAfter: end }
      return issue(wanted, usages, alternativeNames)
    },
    issueFor: async ({ commonName, organizations = [], hosts = [] }) => {
      const { publicKey, privateKey } = await newKeys()
      const subject = [...organizations.map((one) => ({ O: [one] })), { CN: [commonName] }]
      const wanted = { ...life, subject, publicKey }
      const usages = ['digital signature', 'key encipherment', hosts.length === 0 ? 'client auth' : 'server auth']
      const names = hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const)
      return { certificate: await issue(wanted, usages, names), key: await pemOf(privateKey) }
    }
  }
}

/** Only the end of a certificate of 8 hours or more is backdated too (pkg/controller/certificates/authority/policies.go). */
const validity = (now: Date, seconds = year / 1000): { notBefore: Date; notAfter: Date } => {
  const life = Math.min(Math.max(seconds * 1000, 10 * minute), year)
  const notBefore = now.getTime() - 5 * minute
  const isShort = life < 8 * 60 * minute
  return { notBefore: new Date(notBefore), notAfter: new Date((isShort ? now.getTime() : notBefore) + life) }
}

const newKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const pemOf = async (key: CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
