import type { Credential } from '@joinery/protocol'
import { stringify } from 'yaml'

/**
 * JoinConfiguration v1beta4 (kubeadm 1.31 and later) with file discovery. Holds no secret.
 * `discoveryFile`: path of the discovery kubeconfig. `criSocket`: path of the runtime's socket. `nodeIp`: the Node's address,
 * where the kubelet is not to choose one.
 */
export const joinConfiguration = (
  nodeName: string,
  discoveryFile: string,
  criSocket: string,
  nodeIp?: string
): string =>
  toYaml({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'JoinConfiguration',
    discovery: { file: { kubeConfigPath: discoveryFile } },
    nodeRegistration: {
      name: nodeName,
      criSocket: `unix://${criSocket}`,
      ...(nodeIp !== undefined && { kubeletExtraArgs: [{ name: 'node-ip', value: nodeIp }] })
    }
  })

/** The kubeconfig that kubeadm discovers the cluster by: endpoint, CA, and the bootstrap token as its user. A secret. */
export const discoveryKubeconfig = (credential: Credential): string =>
  toYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'cluster',
        cluster: {
          server: credential.server,
          'certificate-authority-data': Buffer.from(credential.certificateAuthority).toString('base64')
        }
      }
    ],
    users: [{ name: 'bootstrap', user: { token: credential.token } }],
    contexts: [{ name: 'join', context: { cluster: 'cluster', user: 'bootstrap' } }],
    'current-context': 'join'
  })

/** Every value quoted: kubeadm reads YAML 1.1, where a plain `on` or `1e3` is no string. */
const toYaml = (value: object): string =>
  stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 })
