import { paths } from '@joinery/agent/testing/machine'
import { parse, stringify } from 'yaml'
import type { BootstrapUser } from './kubelet-side.ts'

export interface Bootstrap {
  /** URL of the API server. */
  server: string
  /** PEM. */
  certificateAuthority: string
  user: BootstrapUser
}

/** Reads a discovery file or bootstrap-kubelet.conf. */
export const readBootstrap = (kubeconfig: string): Bootstrap => {
  const { clusters, users } = parse(kubeconfig) as Kubeconfig
  const { cluster } = clusters[0]
  return {
    server: cluster.server,
    certificateAuthority: fromBase64(cluster['certificate-authority-data']),
    user: userOf(users[0].user)
  }
}

const userOf = (user: Kubeconfig['users'][0]['user']): BootstrapUser =>
  'token' in user || !('client-key-data' in user)
    ? { token: 'token' in user ? user.token : '' }
    : { certificate: fromBase64(user['client-certificate-data']), key: fromBase64(user['client-key-data']) }

const fromBase64 = (data: string): string => Buffer.from(data, 'base64').toString()

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [
    {
      user: { token: string } | { 'client-certificate-data': string; 'client-key-data': string } | Record<never, never>
    }
  ]
}

/**
 * kubelet.conf as the kubelet writes it from a bootstrap file, before it has a certificate. It names the file of the
 * certificate.
 */
export const kubeletKubeconfig = ({ server, certificateAuthority }: Omit<Bootstrap, 'user'>): string =>
  stringify({
    clusters: [
      {
        name: 'default-cluster',
        cluster: { 'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64'), server }
      }
    ],
    users: [
      {
        name: 'default-auth',
        user: { 'client-certificate': paths.kubeletCertificate, 'client-key': paths.kubeletCertificate }
      }
    ]
  })
