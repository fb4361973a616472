import { shellWord } from '@joinery/host/text/shell-word'
import type { Cause } from '@joinery/protocol'
import { explainLines } from '../explain-lines.ts'
import type { ApiSeen, NetworkSeen, Seen } from '../seen.ts'
import { codeOf, ownerOf } from '../whose-pod.ts'
import { causeHere } from './cause.ts'

const plugin = '# on a control plane: kubectl get daemonsets --all-namespaces'

/** The cause if something of the network plugin is missing on this machine. */
export const judgeNetwork = (network: NetworkSeen | undefined): Cause[] => {
  if (network === undefined) return []
  const { problem, folder, file, broken, missing, binaries } = network
  const evidence = problem === undefined ? [] : [problem]
  const missingHere = (text: string, ...remedy: string[]) => [
    causeHere('cni-missing', text, { evidence, remedy: [...remedy, plugin] })
  ]
  if (file === undefined) {
    return missingHere(
      `there is no configuration of a network plugin in ${folder}: the Pod of the network plugin has not written it`,
      `find ${folder} -ls`
    )
  }
  if (broken !== undefined)
    return missingHere(
      `the configuration ${file} of the network plugin cannot be used: ${broken}`,
      `cat ${shellWord(file)}`
    )
  if (missing.length > 0) {
    return missingHere(
      `the program ${missing.join(', ')} of the network plugin is not in ${binaries.join(', ')}, or may not be executed`,
      `find ${binaries.map(shellWord).join(' ')} -ls`
    )
  }
  if (problem === undefined) return []
  return missingHere(
    `the container runtime has no network for Pods: ${problem}`,
    `cat ${shellWord(file)}`,
    'crictl info'
  )
}

/**
 * The containers of the system that end with an error, with the last lines of each. A network plugin that does not reach the API server at
 * an address where the kubelet does not look for it asks at the Service's address: kube-proxy is at fault then.
 */
export const judgeContainers = ({ containers, api }: Pick<Seen, 'containers' | 'api'>): Cause[] =>
  containers.flatMap((container) => {
    const owner = ownerOf(container)
    if (owner === undefined) return []
    const { namespace, pod, name, exitCode, reason, lines } = container
    const failing = causeHere(
      codeOf(owner, 'pod-failing'),
      `the container ${name} of the Pod ${namespace}/${pod} ends again and again`,
      {
        evidence: [`exit code ${exitCode}${reason === '' ? '' : ` (${reason})`}`, ...lines],
        remedy: [
          `crictl logs --tail 50 "$(crictl ps --all --latest --quiet --name ${shellWord(name)})"`,
          `# on a control plane: kubectl --namespace ${namespace} logs ${pod} --container ${name} --previous`
        ]
      }
    )
    return owner === 'plugin' ? [...judgeService(lines, api), ...judgeOwnNetwork(lines), failing] : [failing]
  })

/** The plugin's own word that its Node has no network. Its other words are of its Pod, and not of the machine. */
const judgeOwnNetwork = (lines: readonly string[]): Cause[] =>
  explainLines(lines, new Set()).filter(({ code }) => code === 'pod-cidr-missing')

/** The failure of Go's `net` package to reach port 443 of an address. */
const notReached = /dial tcp (\[?[\da-f.:]+\]?):443: (?:i\/o timeout|connect: (?:connection refused|no route to host))/

const judgeService = (lines: readonly string[], api: ApiSeen | undefined): Cause[] => {
  // what the kubelet itself does not reach is told already
  if (api === undefined || !('status' in api) || api.status !== 200) return []
  const evidence = lines.filter((line) => notReached.test(line))
  const [, address] = notReached.exec(evidence[0] ?? '') ?? []
  if (address === undefined || new URL(api.server).host === address) return []
  return [
    causeHere(
      'kube-proxy-failing',
      `the network plugin does not reach the API server at ${address}, the address of its Service: kube-proxy does not forward it here`,
      {
        evidence,
        remedy: [
          'crictl logs --tail 50 "$(crictl ps --all --latest --quiet --name kube-proxy)"',
          '# on a control plane: kubectl --namespace kube-system get pods --selector k8s-app=kube-proxy --output wide'
        ]
      }
    )
  ]
}
