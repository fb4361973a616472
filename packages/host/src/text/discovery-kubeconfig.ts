import { quotedYaml } from './quoted-yaml.ts'

/** The address of the cluster, and the credential of a machine that has no kubelet certificate yet. */
export type ClusterAccess = { server: string; certificateAuthority: string } & (
  | { token: string }
  | { certificate: string; key: string }
)

/** The kubeconfig by which kubeadm discovers the cluster: endpoint, CA, and the credential as its user. A secret. */
export const discoveryKubeconfig = (credential: ClusterAccess): string =>
  quotedYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'cluster',
        cluster: {
          server: credential.server,
          'certificate-authority-data': base64(credential.certificateAuthority)
        }
      }
    ],
    users: [{ name: 'bootstrap', user: userOf(credential) }],
    contexts: [{ name: 'join', context: { cluster: 'cluster', user: 'bootstrap' } }],
    'current-context': 'join'
  })

const userOf = (credential: ClusterAccess): object =>
  'token' in credential
    ? { token: credential.token }
    : { 'client-certificate-data': base64(credential.certificate), 'client-key-data': base64(credential.key) }

const base64 = (text: string): string => Buffer.from(text).toString('base64')
