import { parse, stringify } from 'yaml'
import { paths } from '../paths.ts'

export interface Bootstrap {
  /** URL of the API server. */
  server: string
  /** PEM. */
  certificateAuthority: string
  token: string
}

/** What a discovery file and bootstrap-kubelet.conf hold. */
export const readBootstrap = (kubeconfig: string): Bootstrap => {
  const { clusters, users } = parse(kubeconfig) as Kubeconfig
  const { cluster } = clusters[0]
  return {
    server: cluster.server,
    certificateAuthority: Buffer.from(cluster['certificate-authority-data'], 'base64').toString(),
    token: users[0].user.token
  }
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { token: string } }]
}

/** kubelet.conf as the kubelet writes it, before it has a certificate: it names the file. */
export const kubeletKubeconfig = (server: string): string =>
  stringify({
    clusters: [{ name: 'default-cluster', cluster: { server } }],
    users: [{ name: 'default-auth', user: { 'client-certificate': paths.kubeletCertificate } }]
  })
