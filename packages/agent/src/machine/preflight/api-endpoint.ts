import { connectionProblem, errorCode } from '../connection-problem.ts'
import { fail, type PreflightCheck, pass, skipped } from './check.ts'

/** A TCP connection to the Kubernetes API, through whatever firewall is between. */
export const apiEndpoint = (endpoint: string | undefined): PreflightCheck => ({
  name: 'api-endpoint',
  why: 'kubeadm and the kubelet speak to the API server, and to nobody else',
  async run(host) {
    if (endpoint === undefined) return skipped('no API endpoint was given')
    const [, name, port] = /^\[?([^[\]\s]+?)\]?:(\d{1,5})$/.exec(endpoint) ?? []
    if (name === undefined || port === undefined) {
      return fail(
        `the API endpoint ${JSON.stringify(endpoint)} is not host:port`,
        'correct it in /etc/joinery/agent.yaml'
      )
    }
    try {
      await host.connect(name, Number(port))
      return pass(`${endpoint} answers`)
    } catch (error) {
      return fail(`${endpoint} ${connectionProblem(error)}`, remedyFor(error, name, port))
    }
  }
})

const remedyFor = (error: unknown, name: string, port: string): string =>
  ['ENOTFOUND', 'EAI_AGAIN'].includes(errorCode(error))
    ? `resolvectl query ${name}`
    : `allow TCP port ${port} from this machine to ${name}, and see that kube-apiserver runs there`
