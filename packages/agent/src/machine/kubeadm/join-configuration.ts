import { quotedYaml } from '@joinery/host/text/quoted-yaml'
import { controlPlaneLabels, isSameTaint, joiningLabel, type Taint, type Taints } from '@joinery/protocol'

/** TCP port of the API server on a control plane. */
export const apiServerPort = 6443

/**
 * Time limits of kubeadm for a control plane. kubeadm's own, 2, 5 and 4 minutes, are short for a small machine that
 * starts etcd and an API server. To join again, with the etcd member removed and everything reset, takes longer than
 * to wait. The kubelet ends an API server that has not started within the last of them, by the startup probe that
 * kubeadm writes. The kubelet's TLS bootstrap waits for that API server. The first two come one after the other,
 * within the unit's limit.
 */
const patience = { etcdAPICall: '8m0s', tlsBootstrap: '8m0s', controlPlaneComponentHealthCheck: '8m0s' }

/**
 * JoinConfiguration v1beta4 (kubeadm 1.31 and later) with file discovery. Holds no secret. The kubelet registers the
 * Node with the label `joiningLabel`.
 * - `discoveryFile`: path of the discovery kubeconfig
 * - `criSocket`: path of the runtime's socket
 * - `nodeIp`: the Node's address, if the kubelet must not choose one
 * - `taints`: the kubelet registers the Node with them, before any Pod can come; without any kubeadm decides, and gives
 *   a control plane its own; with any kubeadm gives none, so that its own is listed too
 * - `controlPlane`: the address of its API server; the keys of the cluster lie there already, so that no certificate
 *   key is needed
 */
export const joinConfiguration = (
  nodeName: string,
  discoveryFile: string,
  criSocket: string,
  { nodeIp, taints = [], controlPlane }: { nodeIp?: string; taints?: Taints; controlPlane?: { address: string } } = {}
): string =>
  quotedYaml({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'JoinConfiguration',
    discovery: { file: { kubeConfigPath: discoveryFile } },
    nodeRegistration: {
      name: nodeName,
      criSocket: `unix://${criSocket}`,
      ...(taints.length > 0 && { taints: controlPlane ? withKubeadms(taints) : taints }),
      kubeletExtraArgs: [
        { name: 'node-labels', value: `${joiningLabel}=` },
        ...(nodeIp === undefined ? [] : [{ name: 'node-ip', value: nodeIp }])
      ]
    },
    ...(controlPlane && {
      timeouts: patience,
      controlPlane: { localAPIEndpoint: { advertiseAddress: controlPlane.address, bindPort: apiServerPort } }
    })
  })

/** The taint that kubeadm gives a control plane if the JoinConfiguration lists none (`SetNodeRegistrationDynamicDefaults`). */
const kubeadmsTaint: Taint = { key: controlPlaneLabels[0], value: '', effect: 'NoSchedule' }

const withKubeadms = (taints: Taints): Taints =>
  taints.some((taint) => isSameTaint(taint, kubeadmsTaint)) ? taints : [kubeadmsTaint, ...taints]
