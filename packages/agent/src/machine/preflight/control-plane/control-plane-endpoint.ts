import { fail, type PreflightCheck, skipped } from '../check/check.ts'
import { dial, parseEndpoint } from '../reach/endpoints.ts'
import { reachable } from '../reach/reachable.ts'

/**
 * Checks that this machine reaches the endpoint of the control planes. `endpoint` is host:port of kubeadm-config.
 * Undefined if no pairing server told it.
 */
export const controlPlaneEndpoint = (endpoint: string | undefined): PreflightCheck => ({
  name: 'control-plane-endpoint',
  why: 'nodes reach all control planes by one name or address; kubeadm adds no control plane to a cluster without such an endpoint',
  async run(host) {
    if (endpoint === undefined) return skipped('the pairing server did not name the endpoint')
    // kubeadm takes its own port if none is given
    const parsed = parseEndpoint(endpoint) ?? parseEndpoint(`${endpoint}:6443`)
    if (parsed === undefined) {
      return fail(
        `controlPlaneEndpoint in kubeadm-config is ${JSON.stringify(endpoint)}, which is not host:port`,
        '# on a control plane: kubectl --namespace kube-system edit configmap kubeadm-config'
      )
    }
    return reachable(await dial(host, parsed), 'kube-apiserver')
  }
})
