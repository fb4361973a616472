import { shellWord } from '@joinery/host/text/shell-word'
import type { Cause } from '@joinery/protocol'
import type { ContainerSeen, NetworkSeen } from '../seen.ts'
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

/** The containers of the system that end with an error, with the last lines of each. */
export const judgeContainers = (containers: readonly ContainerSeen[]): Cause[] =>
  containers.flatMap((container) => {
    const owner = ownerOf(container)
    if (owner === undefined) return []
    const { namespace, pod, name, exitCode, reason, lines } = container
    return [
      causeHere(
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
    ]
  })
