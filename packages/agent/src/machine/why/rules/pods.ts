import type { WhyRule } from './rule.ts'

const describe = '# on a control plane: kubectl get pods --all-namespaces -o wide | grep -v Running'
const sync = 'kubelet v1.37.2: pkg/kubelet/container/sync_result.go Error, pod_workers.go podWorkerLoop'

/**
 * Meanings of lines about a container that does not run. The name of the Pod decides whose it is: the network plugin's,
 * kube-proxy's, or another's of the system. Lines about Pods of other namespaces are left out.
 */
export const podRules: readonly WhyRule[] = [
  {
    name: 'crash-loop',
    text: /back-off \S+ restarting failed container=(\S+) pod=([^_\s]+)_([^(\s]+)\(/,
    code: 'pod-failing',
    cause: 'the container $1 of the Pod $3/$2 ends again and again',
    remedy: ['crictl logs --tail 50 "$(crictl ps --all --latest --quiet --name $1)"', describe],
    source: 'kubelet v1.37.2: pkg/kubelet/kuberuntime/kuberuntime_manager.go doBackOff'
  },
  {
    name: 'container-configuration',
    text: /failed to "StartContainer" for "([^"]+)" with CreateContainerConfigError: "(.*?)"[",\]].* pod="([^"]+)"/,
    code: 'pod-failing',
    cause: 'the container $1 of the Pod $3 cannot be made: $2',
    remedy: [describe],
    source: sync
  },
  {
    name: 'container-not-started',
    text: /failed to "StartContainer" for "([^"]+)" with (?:CreateContainerError|RunContainerError): "(.*?)"[",\]].* pod="([^"]+)"/,
    code: 'pod-failing',
    cause: 'the container $1 of the Pod $3 cannot be started: $2',
    remedy: [describe],
    source: sync
  },
  {
    name: 'volume-not-mounted',
    text: /MountVolume\.SetUp failed for volume "([^"]+)" \(UniqueName: "[^"]*"\) pod "([^"]+)" \(UID: "[^"]*"\) : (.*)/,
    code: 'pod-failing',
    cause: 'the volume $1 of the Pod $2 cannot be mounted: $3',
    remedy: [describe],
    source: 'kubelet v1.37.2: pkg/volume/util/operationexecutor/operation_executor.go GenerateErrorDetailed'
  }
]
