import { applyManifest } from '../apply-manifest.ts'
import type { Fault } from './fault.ts'
import type { PluginPod } from './plugin.ts'
import { registryHost } from './registry.ts'
import { shellDaemonSet } from './shell-daemon-set.ts'
import type { Site } from './site.ts'

/** Shell of a container that ends with these words. */
const fails = (words: string): string => `echo ${JSON.stringify(words)} >&2; exit 1`

const noRoute =
  'E1127 12:00:00.000000 1 main.go:366] Failed to find any valid interface to use: failed to get default interface: Unable to find default route'
const unreachable =
  'E1127 12:00:00.000000 1 main.go:234] Failed to create SubnetManager: error retrieving pod spec: dial tcp 10.96.0.1:443: i/o timeout'
const noIptables =
  'E1127 12:00:00.000000 1 server.go:556] Error running ProxyServer: iptables is not available on this host'

type Told = Pick<Fault, 'cluster' | 'machine'>

/** Faults of the network plugin: the Node is not Ready since no Pod of it does its work. */
export const pluginFaults = ({ bed, plugin, registry }: Site) => {
  const badPod = (title: string, pod: PluginPod, told: Told): Fault => ({
    title,
    make: async ({ machine }) => {
      await plugin.replacePod(machine, pod)
      await plugin.forget(machine)
    },
    takeBack: ({ machine }) => plugin.replacePod(machine, {}),
    ...told
  })
  const image = (words: RegExp) => ({ first: ['plugin-image'], words }) as const
  const dedicated = 'dedicated=storage:NoExecute'

  const unknownImage = badPod(
    'the registry does not know the image of the network plugin',
    { image: `${registryHost}/unknown/flannel:v0.26.1` },
    { cluster: image(/unknown\/flannel:v0\.26\.1: not found/), machine: image(/does not have it|not found/) }
  )
  const refusedImage = badPod(
    'the registry asks for a login that nobody has',
    { image: `${registryHost}/refused/flannel:v0.26.1` },
    { cluster: image(/authorization failed/) }
  )
  const slowImage: Fault = {
    ...badPod(
      'the registry is so slow that it never answers',
      { image: `${registryHost}/slow/flannel:v0.26.1` },
      { cluster: { first: ['plugin-starting'], words: /flannel/ } }
    ),
    takeBack: async ({ machine }) => {
      await registry.restart()
      await plugin.replacePod(machine, {})
    }
  }
  const refusedConnection = badPod(
    'nobody listens at the address of the registry',
    { image: '172.30.0.1:5001/flannel:v0.26.1' },
    { cluster: image(/connection refused/), machine: image(/connection refused/) }
  )
  const unknownRegistry = badPod(
    'nobody knows the name of the registry',
    { image: 'registry.example.invalid/flannel:v0.26.1' },
    { cluster: image(/no such host/), machine: image(/does not resolve the name registry\.example\.invalid/) }
  )
  const crash = badPod(
    'the Pod of the network plugin ends again and again',
    { script: fails(noRoute) },
    {
      cluster: { first: ['plugin-failing'], words: /exit code 1/ },
      machine: { first: ['plugin-failing'], words: /Unable to find default route/ }
    }
  )
  const keptOut: Fault = {
    title: 'a taint keeps the Pod of the network plugin out',
    make: async ({ name, machine }) => {
      await bed.kubectl('taint', 'node', name, dedicated)
      await plugin.forget(machine)
    },
    takeBack: async ({ name, machine }) => {
      await bed.kubectl('taint', 'node', name, `${dedicated}-`)
      // the Pod that comes now may be that of the other machine
      await plugin.replacePod(machine, {})
    },
    cluster: { first: ['plugin-kept-out'], words: /dedicated=storage:NoExecute/ }
  }
  const kubeProxyFails: Fault = {
    title: 'kube-proxy ends again and again, so that the network plugin does not reach the API server',
    make: async ({ name, machine }) => {
      await plugin.replacePod(machine, { script: fails(unreachable) })
      await plugin.forget(machine)
      const selector = { 'kubernetes.io/hostname': name }
      const pod = { image: plugin.image, script: fails(noIptables), selector }
      await applyManifest(
        bed,
        shellDaemonSet({ namespace: 'kube-system', name: 'kube-proxy', container: 'kube-proxy', ...pod })
      )
    },
    takeBack: async ({ machine }) => {
      await bed.kubectl('--namespace', 'kube-system', 'delete', 'daemonset', 'kube-proxy')
      await plugin.replacePod(machine, {})
    },
    cluster: { first: ['kube-proxy-failing', 'plugin-failing'], words: /exit code 1/ },
    machine: { first: ['kube-proxy-failing', 'plugin-failing'], words: /iptables|exit code 1/ }
  }
  return { kubeProxyFails, unknownImage, refusedImage, slowImage, refusedConnection, unknownRegistry, crash, keptOut }
}
