import type { Fault } from './fault.ts'
import { machineFaults } from './machine-faults.ts'
import type { Site } from './site.ts'

/** Faults of a Node that was never Ready, as the cluster has no network plugin: so there are two at once. */
export const earlyFaults = (site: Site) => {
  const nothing = async (): Promise<void> => undefined
  const { runtimeStopped, kubeletStopped } = machineFaults(site)
  const early = ({ title, make, takeBack }: Fault, code: 'runtime-off' | 'kubelet-off'): Fault => ({
    title: `${title}, and there is no network plugin`,
    make,
    takeBack,
    // the cluster itself cannot see it yet: this is the word of the agent, so nobody has to ask the machine
    cluster: {
      first: [code],
      words: /(containerd|kubelet)( does not|\.service|\.sock)|runtime is down/,
      behind: ['plugin-missing']
    },
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
    runtimeStopped: early(runtimeStopped, 'runtime-off'),
    kubeletStopped: early(kubeletStopped, 'kubelet-off')
  }
}
