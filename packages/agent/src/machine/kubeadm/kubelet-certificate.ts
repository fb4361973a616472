import { X509Certificate } from 'node:crypto'
import type { Files } from '@joinery/host/files'
import { fingerprint, type KubeletCertificate } from '@joinery/protocol'
import { paths } from '../host/paths.ts'

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
  const [certificate] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? []
  if (certificate === undefined) return undefined
  try {
    const { publicKey, serialNumber } = new X509Certificate(certificate)
    return { fingerprint: fingerprint(publicKey), serial: serialNumber }
  } catch {
    return undefined
  }
}
