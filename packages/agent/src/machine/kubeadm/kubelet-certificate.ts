import { X509Certificate } from 'node:crypto'
import type { Files } from '@joinery/host/files'
import { fingerprint, type KubeletCertificate } from '@joinery/protocol'
import { paths } from '../../host/paths.ts'

/**
 * The kubelet's client certificate, with its `serial` in upper-case hex. Undefined if the kubelet has none, or none
 * yet that is whole.
 */
export const kubeletCertificate = async (files: Pick<Files, 'read'>): Promise<KubeletCertificate | undefined> => {
  const pem = await files.read(paths.kubeletCertificate)
  return pem === undefined ? undefined : describeCertificate(pem)
}

/**
 * Describes a client certificate. `pem` is the kubelet's file: the certificate, and its key, which is not looked at.
 */
export const describeCertificate = (pem: string): KubeletCertificate | undefined => {
  const certificate = certificateIn(pem)
  return certificate && identityOf(certificate)
}

/** The key and the serial by which the pairing server knows a certificate. */
export const identityOf = ({ publicKey, serialNumber }: X509Certificate): KubeletCertificate => ({
  fingerprint: fingerprint(publicKey),
  serial: serialNumber
})

/** The first certificate in a text. Undefined if there is none that can be read. */
export const certificateIn = (text: string): X509Certificate | undefined => {
  const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? []
  try {
    return pem === undefined ? undefined : new X509Certificate(pem)
  } catch {
    return undefined
  }
}
