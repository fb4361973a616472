import { X509Certificate } from 'node:crypto'
import type { Files } from '@joinery/host/files'
import { paths } from '../../host/paths.ts'
import type { CertificateSeen } from '../seen.ts'

/** Reads when the kubelet's client certificate is valid. Its key, in the same file, is not looked at. */
export const seeCertificate = async (files: Pick<Files, 'read'>): Promise<CertificateSeen> => {
  const pem = await files.read(paths.kubeletCertificate)
  if (pem === undefined) return 'missing'
  const [certificate] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? []
  if (certificate === undefined) return 'unreadable'
  try {
    const { validFrom, validTo } = new X509Certificate(certificate)
    return { from: Date.parse(validFrom), until: Date.parse(validTo) }
  } catch {
    return 'unreadable'
  }
}
