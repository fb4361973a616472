import type { Files } from '@joinery/host/files'
import { paths } from '../../host/paths.ts'
import { certificateIn } from './kubelet-certificate.ts'

/**
 * The name of this machine's Node, as the machine says: from the certificate of its kubelet, if that can be read, else from the
 * kubelet's flags, else the host name, which kubeadm writes in lower case.
 */
export const nodeNameOf = async (files: Pick<Files, 'read'>): Promise<string> => {
  const pem = (await files.read(paths.kubeletCertificate)) ?? ''
  const flags = (await files.read('/var/lib/kubelet/kubeadm-flags.env')) ?? ''
  const host = ((await files.read(paths.hostname)) ?? '').trim().toLowerCase()
  const named = /^CN=system:node:(.+)$/m.exec(certificateIn(pem)?.subject ?? '')?.[1]
  return named ?? /--hostname-override=([^\s"]+)/.exec(flags)?.[1] ?? host
}
