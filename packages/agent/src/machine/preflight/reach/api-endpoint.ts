import { fail, type PreflightCheck, skipped } from '../check/check.ts'
import { dial, parseEndpoint } from './endpoints.ts'
import { reachable } from './reachable.ts'

/** Checks a TCP connection to the Kubernetes API by every address of its name, through whatever firewall is between. */
export const apiEndpoint = (endpoint: string | undefined): PreflightCheck => ({
  name: 'api-endpoint',
  why: 'kubeadm and the kubelet speak to the API server, and to nobody else',
  async run(host) {
    if (endpoint === undefined) return skipped('no API endpoint was given')
    const parsed = parseEndpoint(endpoint)
    if (parsed === undefined) {
      return fail(
        `the API endpoint ${JSON.stringify(endpoint)} is not host:port`,
        '# correct it in /etc/joinery/agent.yaml'
      )
    }
    return reachable(await dial(host, parsed), 'kube-apiserver')
  }
})
