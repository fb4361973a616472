import type { Files } from '@joinery/host/files'
import { paths } from '../../../host/paths.ts'
import { certificateIn } from '../../kubeadm/kubelet-certificate.ts'
import type { CertificateSeen } from '../seen.ts'

/** Reads when the kubelet's client certificate is valid. Its key, in the same file, is not looked at. */
export const seeCertificate = async (files: Pick<Files, 'read'>): Promise<CertificateSeen> => {
  const pem = await files.read(paths.kubeletCertificate)
  if (pem === undefined) return 'missing'
  const certificate = certificateIn(pem)
  if (certificate === undefined) return 'unreadable'
  return { from: certificate.validFromDate.getTime(), until: certificate.validToDate.getTime() }
}
