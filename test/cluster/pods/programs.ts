import { join } from 'node:path'
import { versionVariables } from '../bed/binaries.ts'
import { buildPrograms, pinned } from '../bed/go-module.ts'

const kubernetes = 'k8s.io/kubernetes'

/** Programs that run in Pods, by their paths. */
export interface PodPrograms {
  kubeProxy: string
  coreDns: string
  flanneld: string
  flannelConf: string
  flannelPlugin: string
  agnhost: string
}

/** Builds what runs in Pods of a real cluster. About 10 minutes with a cold Go cache on 2 cores. */
export const buildPodPrograms = async (cache: string, log: string): Promise<PodPrograms> => {
  const flannel = 'github.com/flannel-io/flannel'
  const version = { [`${flannel}/pkg/version.Version`]: await pinned('flannel', flannel) }
  const ofPods = await ofKubernetes(
    cache,
    'pods',
    [`${kubernetes}/cmd/kube-proxy`, `${kubernetes}/test/images/agnhost`],
    log
  )
  // its backend for userspace is in C, and its main program does not compile without
  const ofFlannel = await buildPrograms(
    cache,
    { module: 'flannel', name: 'flannel', variables: version, withC: true },
    log
  )
  const plugin = await buildPrograms(cache, { module: 'cni-flannel', name: 'cni-flannel' }, log)
  return {
    kubeProxy: join(ofPods, 'kube-proxy'),
    agnhost: join(ofPods, 'agnhost'),
    coreDns: join(await buildPrograms(cache, { module: 'coredns', name: 'coredns' }, log), 'coredns'),
    flanneld: join(ofFlannel, 'flannel'),
    flannelConf: join(ofFlannel, 'install_conf'),
    flannelPlugin: join(plugin, 'flannel')
  }
}

/** The two programs of Kubernetes' own tests: of a cluster, and of what kubeadm makes of it. Ten minutes with a cold Go cache. */
export const buildE2e = async (cache: string, log: string): Promise<{ e2e: string; e2eKubeadm: string }> => {
  const build = async (name: string) => {
    const variables = await versionVariables('pods')
    const packages = [`${kubernetes}/test/${name}`]
    const folder = await buildPrograms(cache, { module: 'pods', name, variables, packages, ofTests: true }, log)
    return join(folder, `${name}.test`)
  }
  return { e2e: await build('e2e'), e2eKubeadm: await build('e2e_kubeadm') }
}

const ofKubernetes = async (cache: string, name: string, packages: readonly string[], log: string): Promise<string> =>
  buildPrograms(cache, { module: 'pods', name, variables: await versionVariables('pods'), packages }, log)
