import { given } from '@joinery/protocol/given'
import { InvalidArgumentError } from 'commander'

/** The values of `--install-kubernetes` and of the options beside it. */
export interface KubernetesPackages {
  version: KubernetesVersion
  /** https URL of the folder of the packages, without a slash at its end. Without it the community's. */
  repository?: string
  /** The repository's signing key, armoured. Without it the machine fetches `Release.key` over https. */
  key?: string
  /** Name of containerd's package. */
  containerdPackage: string
  /** Another source of packages, as apt's deb822 text. */
  aptSources?: string
}

export interface KubernetesVersion {
  minor: string
  /** The repository's newest one if absent. */
  patch?: string
}

/** The Kubernetes project's own packages, which its documentation has users install: a folder for each minor version. */
const communityRepository = 'https://pkgs.k8s.io/core:/stable:'

/** `1.37` or `1.37.2`, with a `v` or without. */
export const parseKubernetesVersion = (text: string): KubernetesVersion => {
  const [, minor, patch] = /^v?(1\.(?:0|[1-9]\d?))(?:\.(0|[1-9]\d*))?$/.exec(text) ?? []
  if (minor === undefined) throw new InvalidArgumentError('give a version like 1.37 or 1.37.2.')
  return { minor, ...given({ patch }) }
}

const keyring = '/etc/apt/keyrings/kubernetes-apt-keyring.asc'
/**
 * Packages that a node must not upgrade by itself:
 * https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm
 */
const kubernetesPackages = ['kubelet', 'kubeadm', 'kubectl']

/**
 * Changes to containerd's defaults. Its cgroup driver becomes systemd's, as the kubelet's is. Debian's package looks
 * for network plugins in another folder than that of Kubernetes' packages, so the folder is set too. The format is
 * version 2, which containerd 1.6 to 2.x read.
 */
export const containerdConfig = `# Written by joinery-install-kubernetes
version = 2

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/opt/cni/bin"
  conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = true
`

/** The settings that joinery-install-kubernetes reads. */
export const kubernetesSettings = ({ version, repository, key, containerdPackage, aptSources }: KubernetesPackages) => {
  const { minor, patch } = version
  const url = repository ?? `${communityRepository}/v${minor}/deb`
  const only = patch === undefined ? `${minor}.*` : `${minor}.${patch}-*`
  return {
    key: { file: keyring, ...(key === undefined ? { url: `${url}/Release.key` } : { text: key }) },
    files: {
      '/etc/apt/sources.list.d/kubernetes.sources': `Types: deb\nURIs: ${url}/\nSuites: /\nSigned-By: ${keyring}\n`,
      ...(aptSources !== undefined && { '/etc/apt/sources.list.d/joinery.sources': aptSources }),
      '/etc/containerd/config.toml': containerdConfig
    },
    containerdPackage,
    packages: kubernetesPackages.map((name) => `${name}=${only}`),
    hold: kubernetesPackages
  }
}
