import { createPrivateKey, type X509Certificate } from 'node:crypto'
import type { Files } from '@joinery/host/files'
import { paths } from '../../host/paths.ts'
import { certificateIn, identityOf } from '../kubeadm/kubelet-certificate.ts'
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

/** The private key in a text, without the certificate beside it. Empty if there is none. */
export const keyIn = (text: string): string =>
  /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^-]+-----END \1-----/.exec(text)?.[0] ?? ''

const describe = (certificate: X509Certificate): PemData => ({
  certificate: identityOf(certificate),
  notAfter: certificate.validToDate.getTime()
})
