import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Files } from '@joinery/host/files'
import { fingerprint } from '@joinery/protocol'
import { paths } from '../host/paths.ts'
import type { Pem, PemData } from '../port/recovering.ts'

/** Reads the kubelet's client certificate and its key, which kubelet.conf names as one file behind a link. */
export const readPem = async (files: Pick<Files, 'read' | 'stat'>): Promise<Pem> => {
  const text = await files.read(paths.kubeletCertificate)
  if (text !== undefined) return judgePem(text)
  const link = await files.stat(paths.kubeletCertificate)
  return { state: link?.kind === 'link' ? 'dead-link' : 'missing' }
}

/** Judges the text of the file. */
export const judgePem = (text: string): Pem => {
  const certificate = certificateIn(text)
  if (certificate === undefined) return { state: 'unreadable' }
  const described = describe(certificate)
  try {
    const fits = certificate.checkPrivateKey(createPrivateKey(keyIn(text)))
    return { state: fits ? 'whole' : 'key-does-not-fit', ...described }
  } catch {
    return { state: 'unreadable', ...described }
  }
}

/** The first certificate in a text. Undefined if there is none that can be read. */
export const certificateIn = (text: string): X509Certificate | undefined => {
  const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? []
  try {
    return pem === undefined ? undefined : new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** The private key in a text, without the certificate beside it. Empty if there is none. */
export const keyIn = (text: string): string =>
  /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^-]+-----END \1-----/.exec(text)?.[0] ?? ''

const describe = (certificate: X509Certificate): PemData => ({
  certificate: { fingerprint: fingerprint(certificate.publicKey), serial: certificate.serialNumber },
  notAfter: certificate.validToDate.getTime()
})
