import { discoveryKubeconfig } from '@joinery/host/text/discovery-kubeconfig'
import { quotedYaml } from '@joinery/host/text/quoted-yaml'
import { paths } from '../host/paths.ts'
import type { BootstrapCredential, WayToApi } from '../port/recovering.ts'

/**
 * The text of bootstrap-kubelet.conf. The kubelet writes kubelet.conf from it, so its server and CA become the kubelet's.
 * The present certificate is named by its path, so that its key is not copied.
 */
export const bootstrapFile = ({ server, ca }: WayToApi, user: BootstrapCredential | 'present'): string => {
  if (user !== 'present') return discoveryKubeconfig({ server, certificateAuthority: ca, ...user })
  return quotedYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'cluster', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }
    ],
    users: [
      {
        name: 'bootstrap',
        user: { 'client-certificate': paths.kubeletCertificate, 'client-key': paths.kubeletCertificate }
      }
    ],
    contexts: [{ name: 'join', context: { cluster: 'cluster', user: 'bootstrap' } }],
    'current-context': 'join'
  })
}
