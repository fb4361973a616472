import type { Taints } from '@joinery/protocol'
import { stringify } from 'yaml'
import type { JoinCredential } from '../machine.ts'

/**
 * JoinConfiguration v1beta4 (kubeadm 1.31 and later) with file discovery. Holds no secret.
 * `discoveryFile`: path of the discovery kubeconfig. `criSocket`: path of the runtime's socket. `nodeIp`: the Node's address,
 * where the kubelet is not to choose one. `taints`: the kubelet registers the Node with them, before any Pod can come;
 * without any kubeadm decides, as for every worker.
 */
export const joinConfiguration = (
  nodeName: string,
  discoveryFile: string,
  criSocket: string,
  { nodeIp, taints = [] }: { nodeIp?: string; taints?: Taints } = {}
): string =>
  toYaml({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'JoinConfiguration',
    discovery: { file: { kubeConfigPath: discoveryFile } },
    nodeRegistration: {
      name: nodeName,
      criSocket: `unix://${criSocket}`,
      ...(taints.length > 0 && { taints }),
      ...(nodeIp !== undefined && { kubeletExtraArgs: [{ name: 'node-ip', value: nodeIp }] })
    }
  })

/** The kubeconfig that kubeadm discovers the cluster by: endpoint, CA, and the credential as its user. A secret. */
export const discoveryKubeconfig = (credential: JoinCredential): string =>
  toYaml({
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

const userOf = (credential: JoinCredential): object =>
  'token' in credential
    ? { token: credential.token }
    : { 'client-certificate-data': base64(credential.certificate), 'client-key-data': base64(credential.key) }

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Every value quoted: kubeadm reads YAML 1.1, where a plain `on` or `1e3` is no string. */
const toYaml = (value: object): string =>
  stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 })
