import type { Expected, Fault } from './fault.ts'
import { machineFaults } from './machine-faults.ts'
import type { Site } from './site.ts'

/** Faults of a Node that was never Ready, as the cluster has no network plugin: so there are two at once. */
export const earlyFaults = (site: Site) => {
  const nothing = async (): Promise<void> => undefined
  const { runtimeStopped, kubeletStopped } = machineFaults(site)
  const early = ({ title, make, takeBack }: Fault, cluster: Expected): Fault => ({
    title: `${title}, and there is no network plugin`,
    make,
    takeBack,
    // nobody has to ask the machine: these answers hold the word of its agent
    cluster,
    early: true
  })
  const noPlugin: Fault = {
    title: 'the cluster has no network plugin',
    make: nothing,
    takeBack: nothing,
    cluster: { first: ['plugin-missing'], words: /DaemonSets/ },
    early: true
  }
  const noPodNetwork: Fault = {
    title:
      'the cluster has no network left for its Pods, no network plugin, and nobody who signs its serving certificate',
    make: nothing,
    takeBack: site.enlargePodNetwork,
    cluster: {
      first: ['pod-cidr-missing', 'plugin-missing'],
      words: /spec\.podCIDRs is empty/,
      behind: ['serving-certificate-pending']
    },
    early: true
  }
  return {
    noPlugin,
    noPodNetwork,
    // the cluster itself cannot see it yet
    runtimeStopped: early(runtimeStopped, {
      first: ['runtime-off'],
      words: /containerd( does not|\.service|\.sock)|runtime is down/,
      behind: ['plugin-missing']
    }),
    // either the agent says it first, or the cluster does by the silence, which hides what the cluster knew of the network
    kubeletStopped: early(kubeletStopped, {
      first: ['kubelet-off'],
      words: /refused|kubelet\.service/,
      behind: ['cni-missing']
    })
  }
}
