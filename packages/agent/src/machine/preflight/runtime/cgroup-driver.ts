import type { KubeletFacts } from '@joinery/protocol'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { byHand, type Finding, fail, type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { containerdConfig } from './containerd-config.ts'

type Driver = NonNullable<KubeletFacts['cgroupDriver']>

/**
 * Checks the cgroup driver. The kubelet uses the driver that the runtime tells it (KEP-4033), whatever its own
 * configuration says. A runtime that is too old to tell is judged by its file. The kubelet is then judged by its
 * flags and by the cluster's own configuration. `cluster` is the driver that kubelet-config names; kubeadm writes
 * systemd.
 */
export const cgroupDriver = (cluster: Driver = 'systemd'): PreflightCheck => ({
  name: 'cgroup-driver',
  why: 'systemd manages the cgroups of this machine: with a second manager beside it containers are lost under load',
  mends: 'runtime',
  async run(host) {
    const runtime = await host.runtime().catch(() => undefined)
    if (runtime === undefined) return skipped('the container runtime does not answer')
    const { name, cgroupDriver: told } = runtime
    if (told === 'systemd') return pass(`${name} uses the systemd cgroup driver, and the kubelet follows it`)
    return name === 'containerd' ? containerdSide(host, runtime, cluster) : otherRuntime(runtime, cluster)
  }
})

type Runtime = Awaited<ReturnType<Host['runtime']>>

const otherRuntime = ({ name, version, cgroupDriver: told }: Runtime, cluster: Driver): Finding => {
  if (told === 'cgroupfs' && cluster === 'cgroupfs') {
    return byHand(
      warn(`${name} ${version} uses the cgroupfs cgroup driver, as the kubelets of this cluster do`, clusterSide)
    )
  }
  return byHand(
    told === undefined
      ? warn(`${name} ${version} is too old to tell its cgroup driver, which must be systemd`, other)
      : fail(`${name} ${version} uses the ${told} cgroup driver`, other)
  )
}

const containerdSide = async (
  host: Host,
  { version, cgroupDriver: told }: Runtime,
  cluster: Driver
): Promise<Finding> => {
  const { systemdCgroup } = await containerdConfig(host)
  if (told === 'cgroupfs' || systemdCgroup !== true) {
    const finding = `containerd ${version} uses the cgroupfs cgroup driver`
    return cluster === 'cgroupfs'
      ? byHand(warn(`${finding}, as the kubelets of this cluster do`, clusterSide))
      : fail(finding, ...change(systemdCgroup))
  }
  return cluster === 'cgroupfs' ? apart(version) : kubeletSide(host, version)
}

/** Finding for a runtime that does not tell its driver, and a kubelet that takes another one: no Pod starts. */
const apart = (version: string): Finding =>
  byHand(
    fail(
      `containerd ${version} uses the systemd cgroup driver, and the kubelets of this cluster cgroupfs (kubelet-config)`,
      clusterSide,
      '# or install containerd 2.0 or later, which tells the kubelet its driver'
    )
  )

const clusterSide = '# have the cluster use systemd: cgroupDriver in ConfigMap kube-system/kubelet-config'

const kubeletSide = async (host: Host, version: string): Promise<Finding> => {
  const flags = (await host.read(paths.kubeletDefaults)) ?? ''
  if (!/^[^#]*--cgroup-driver[= ]cgroupfs/m.test(flags))
    return pass(`containerd ${version} uses the systemd cgroup driver`)
  return byHand(
    fail(
      `${paths.kubeletDefaults} gives the kubelet the cgroupfs driver, and containerd uses systemd`,
      `sed -i -E 's/--cgroup-driver[= ]cgroupfs//' ${paths.kubeletDefaults}`
    )
  )
}

const other = '# set the cgroup manager to systemd in the configuration of the runtime, then restart it'

const change = (written: boolean | undefined): string[] => [
  written === undefined
    ? `# set SystemdCgroup = true in the runc options of ${paths.containerdConfig}`
    : `sed -i 's/SystemdCgroup = false/SystemdCgroup = true/' ${paths.containerdConfig}`,
  'systemctl restart containerd'
]
