import type { NodeConfiguration } from '@joinery/kube'
import type { ClusterFacts } from '@joinery/protocol'
import type { ImageSight } from './images/image-sight.ts'

/** Settings of the cluster that a new machine must fit, as its administrator and kubeadm wrote them down. */
export interface ClusterSettings {
  /**
   * Address and CA by which a machine finds and trusts the API server: as root configured it, or as `setup` fixed it. Before there is
   * such an address, the one that the cluster publishes.
   */
  endpoint(): Promise<ClusterEndpoint>

  /**
   * URL of the API server that the cluster publishes now: `controlPlaneEndpoint` of kubeadm-config, else cluster-info. Whoever may write
   * these objects may write any. Undefined if they name none.
   */
  publishedEndpoint(): Promise<string | undefined>

  /**
   * Names and IP addresses, without ports, at which the API server is: those that the cluster publishes, those that machines
   * are given, and those of each control plane. Sorted, each once.
   */
  apiHosts(): Promise<string[]>

  /** The network that a new machine must fit into. A part that the cluster does not say is empty. */
  network(): Promise<ClusterNetwork>

  /**
   * Configuration of each machine's kubelet and kube-proxy from kubeadm's ConfigMaps. A value that they do not say is absent.
   * So is all of a ConfigMap that is not there, that is broken, or that the server may not read: an earlier version was set up
   * without that right.
   */
  nodeConfiguration(): Promise<NodeConfiguration>

  /** Images by kubeadm's ConfigMaps and by what Ready Nodes report, within bounds. It takes no right of its own. */
  imageSight(): Promise<ImageSight>
}

export interface ClusterEndpoint {
  /** URL, as `https://10.0.0.1:6443`. */
  server: string
  /** PEM. */
  certificateAuthority: string
}

export interface ClusterNetwork {
  /** CIDRs, as `networking` of kubeadm-config says them. */
  podSubnets: string[]
  serviceSubnets: string[]
  /** host:port of each API server, sorted, as the API servers register themselves behind Service default/kubernetes. */
  controlPlanes: string[]
  /** host or host:port of kubeadm-config. Without it kubeadm lets no other control plane join. */
  controlPlaneEndpoint?: string
  /** etcd as kubeadm-config describes it. Absent in a cluster that kubeadm did not make. */
  etcd?: Etcd
  /** Registry of kubeadm-config that control planes pull their images from. */
  imageRepository?: string
}

/** The place of etcd: a member on each control plane, or hosts elsewhere. */
export type Etcd = NonNullable<ClusterFacts['etcd']>
