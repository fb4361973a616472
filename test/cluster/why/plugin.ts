import { randomUUID } from 'node:crypto'
import { applyManifest } from '../apply-manifest.ts'
import type { Bed } from '../bed/bed.ts'
import type { Machine } from '../bed/machine.ts'
import { waitFor } from '../bed/wait-for.ts'
import { minutes } from '../product.ts'
import { shellDaemonSet } from './shell-daemon-set.ts'

const [namespace, name] = ['kube-flannel', 'kube-flannel-ds']
const file = '10-flannel.conflist'

/** One way in which the network plugin's Pod runs. If a part is absent, it is as it should be. */
export interface PluginPod {
  image?: string
  /** Shell that the container runs instead of the plugin's own. */
  script?: string
  /** Room that it takes on the machine before it leaves its configuration, as a real one copies its binaries there first. */
  room?: string
}

/** The network plugin of the bed: a DaemonSet whose Pod leaves its configuration on the machine, as that of a real one does. */
export interface Plugin {
  /** An image that each machine has. */
  readonly image: string
  /** Gives this machine another Pod of the plugin, once the one before has ended. The other machine keeps its own Pod. */
  replacePod(machine: Machine, pod: PluginPod): Promise<void>
  /** Takes away what an earlier Pod has left on the machine. A Pod writes its configuration only when it starts. */
  forget(machine: Machine): Promise<void>
}

const configuration = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'bed',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.244.9.0/24' }]] }
    }
  ]
})

// a move within the folder: containerd does not notice a file that comes from another one
const works = (room?: string): string => `set -e
${room === undefined ? '' : `fallocate --length ${room} /host/binaries`}
echo '${configuration}' > /host/part
mv /host/part /host/${file}
exec sleep infinity`

export const pluginOf = async (bed: Bed): Promise<Plugin> => {
  await bed.kubectl('create', 'namespace', namespace)
  const { stdout } = await bed.exec(['kubeadm', 'config', 'images', 'list', `--kubernetes-version=${bed.kubernetes}`])
  const image = stdout.split('\n').find((line) => line.includes('/pause:')) ?? 'no image'
  const there = ['--namespace', namespace, 'get', 'pods', '--output', 'name']
  const forget = async ({ ssh }: Machine) => void (await ssh(`rm -f /etc/cni/net.d/${file} /etc/cni/net.d/binaries`))

  const replace = async (machine: Machine, { room, ...pod }: PluginPod): Promise<void> => {
    const turn = randomUUID()
    const plugin = { namespace, name, container: 'kube-flannel', isPlugin: true } as const
    await applyManifest(bed, shellDaemonSet({ ...plugin, image, script: works(room), labels: { turn }, ...pod }))
    const own = ['--field-selector', `spec.nodeName=${machine.name}`]
    const next = async () => {
      // its controller may still make one by the template of before
      await bed.kubectl('--namespace', namespace, 'delete', 'pods', ...own, '--selector', `turn!=${turn}`)
      return bed.kubectl(...there, ...own, '--selector', `turn=${turn}`)
    }
    await waitFor(`the next Pod of the network plugin on ${machine.name}`, next, Boolean, minutes)
  }

  let last: Promise<void> = Promise.resolve()
  return {
    image,
    forget,
    // one at a time: there is one template for both machines
    replacePod: (machine, pod) => {
      const mine = last.then(() => replace(machine, pod))
      last = mine.catch(() => undefined)
      return mine
    }
  }
}
