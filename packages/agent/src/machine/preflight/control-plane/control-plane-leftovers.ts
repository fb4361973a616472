import { paths } from '../../../host/paths.ts'
import { fail, type PreflightCheck, pass } from '../check/check.ts'

/**
 * Places in which kubeadm refuses to find files on a control plane (FileAvailable, DirAvailable), and the keys, which
 * kubeadm would take for the cluster's.
 */
const places = [
  {
    path: paths.staticPods,
    what: 'static Pods',
    names: /^(kube-apiserver|kube-controller-manager|kube-scheduler|etcd)\.yaml$/
  },
  { path: paths.pki, what: 'keys and certificates', names: /./ },
  { path: paths.etcdData, what: 'data of etcd', names: /./ }
]

export const controlPlaneLeftovers: PreflightCheck = {
  name: 'control-plane-leftovers',
  why: 'keys and data of another control plane do not fit the cluster, and only a person knows whether they are needed',
  async run(host) {
    const found = await Promise.all(
      places.map(async ({ path, what, names }) =>
        (await host.list(path)).some((name) => names.test(name)) ? [`${what} in ${path}`] : []
      )
    )
    const left = found.flat()
    if (left.length === 0) return pass('nothing of another control plane')
    return fail(
      `left by another control plane: ${left.join('; ')}`,
      '# if its cluster is given up, or has removed its member of etcd: kubeadm reset'
    )
  }
}
