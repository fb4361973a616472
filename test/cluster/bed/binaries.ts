import { join } from 'node:path'
import { buildPrograms, pinned } from './go-module.ts'

/** Folders of built programs. */
export interface Binaries {
  kubernetes: string
  containerd: string
  etcd: string
  criTools: string
}

/** The Kubernetes version that a pinned module stands for: `1.37` gives `v1.37.2`. */
export function kubernetesVersion(minor: string): Promise<string> {
  return pinned(minor, 'k8s.io/kubernetes')
}

/** Builds every program of the pinned Go modules. About 10 minutes with a cold Go cache on 2 cores, 40 s with a warm one. */
export async function buildBinaries(cache: string, minor: string, log: string): Promise<Binaries> {
  const containerdVersion = (await pinned('containerd', 'github.com/containerd/containerd/v2')).slice(1)
  const variables = { 'github.com/containerd/containerd/v2/version.Version': containerdVersion }
  const ofKubernetes = { module: minor, name: `kubernetes-${minor}`, variables: await versionVariables(minor) }
  return {
    kubernetes: await buildPrograms(cache, ofKubernetes, log),
    containerd: await buildPrograms(cache, { module: 'containerd', name: 'containerd', variables }, log),
    etcd: await buildPrograms(cache, { module: 'etcd', name: 'etcd' }, log),
    criTools: await buildPrograms(cache, { module: 'cri-tools', name: 'cri-tools' }, log)
  }
}

/**
 * Path of the kubelet of this minor version, which says that it is another version, such as `v1.35.0`. What reads versions
 * sees no difference. It is only linked, from what was compiled for the cluster.
 */
export async function buildKubeletThatSays(
  cache: string,
  minor: string,
  version: string,
  log: string
): Promise<string> {
  const name = `kubelet-${version}`
  const packages = ['k8s.io/kubernetes/cmd/kubelet']
  return join(
    await buildPrograms(cache, { module: minor, name, variables: variablesOf(version), packages }, log),
    'kubelet'
  )
}

/** Path of a program of another minor version. A kubelet takes about 4 minutes with a cold Go cache on 2 cores. */
export async function buildProgram(
  cache: string,
  minor: string,
  program: 'kubelet' | 'kubeadm',
  log: string
): Promise<string> {
  const variables = await versionVariables(minor)
  const packages = [`k8s.io/kubernetes/cmd/${program}`]
  const name = `${program}-${minor}`
  return join(await buildPrograms(cache, { module: minor, name, variables, packages }, log), program)
}

/** What a release of Kubernetes says of its version, for the version that a folder of `../go` requires. */
export async function versionVariables(module: string): Promise<Record<string, string>> {
  return variablesOf(await kubernetesVersion(module))
}

const variablesOf = (version: string): Record<string, string> => ({
  'k8s.io/component-base/version.gitVersion': version,
  'k8s.io/component-base/version.gitMajor': '1',
  'k8s.io/component-base/version.gitMinor': version.split('.')[1] ?? '',
  'k8s.io/client-go/pkg/version.gitVersion': version
})
