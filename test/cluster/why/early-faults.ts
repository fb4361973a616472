import type { Expected, Fault } from './fault.ts'
import { kubeletStopped, runtimeStopped } from './machine-faults.ts'
import type { Site } from './site.ts'

// Faults of a Node that was never Ready, as the cluster has no network plugin: so there are two at once.

const nothing = async (): Promise<void> => undefined

const early = ({ title, make, takeBack }: Fault, cluster: Expected): Fault => ({
  title: `${title}, and there is no network plugin`,
  make,
  takeBack,
  // nobody has to ask the machine: these answers hold the word of its agent
  cluster,
  early: true
})

/** There is no network plugin, and nothing else is wrong. */
export const noPlugin: Fault = {
  title: 'the cluster has no network plugin',
  make: nothing,
  takeBack: nothing,
  cluster: { first: ['plugin-missing'], words: /DaemonSets/ },
  machine: { first: ['cni-missing'], words: /no configuration of a network plugin/ },
  early: true
}

/** The container runtime is stopped, which the cluster itself cannot see yet. */
export const earlyRuntimeStopped = early(runtimeStopped, {
  first: ['runtime-off'],
  words: /containerd( does not|\.service|\.sock)|runtime is down/,
  behind: ['plugin-missing']
})

/**
 * The kubelet is stopped. Either the agent says it first, or the cluster does by the silence, which hides what the cluster knew of
 * the network.
 */
export const earlyKubeletStopped = early(kubeletStopped, {
  first: ['kubelet-off'],
  words: /refused|kubelet\.service/,
  behind: ['cni-missing']
})

/** The worker of the site that has no network for its Pods. */
export const noPodNetwork = ({ enlargePodNetwork }: Site): Fault => ({
  title:
    'the cluster has no network left for its Pods, no network plugin, and nobody who signs its serving certificate',
  make: nothing,
  takeBack: enlargePodNetwork,
  cluster: {
    first: ['pod-cidr-missing', 'plugin-missing'],
    words: /spec\.podCIDRs is empty/,
    behind: ['serving-certificate-pending']
  },
  early: true
})
