import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { discoveryKubeconfig } from '@joinery/host/text/discovery-kubeconfig'
import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import { given } from '@joinery/protocol/given'
import { criSocket } from '../../cri/cri.ts'
import { units } from '../../host/paths.ts'
import { unitProperties } from '../../host/unit.ts'
import type { JoinCredential, JoinOptions } from '../port/joining.ts'
import type { JoinState } from '../port/looking.ts'
import { joinConfiguration } from './join-configuration.ts'
import { placeKeys } from './shared-keys.ts'

/** Files of one join, in the agent's folder on tmpfs. The unit joinery-join.service knows the last two. */
export const joinFiles = (runDirectory: string) => ({
  discovery: `${runDirectory}/discovery.conf`,
  configuration: `${runDirectory}/join.yaml`,
  log: `${runDirectory}/join.log`
})

/** Writes the files and starts the unit, without waiting for it. The log of an earlier join is removed. */
export const startJoin = async (
  files: Files,
  exec: Exec,
  runDirectory: string,
  credential: JoinCredential,
  options: JoinOptions = {}
): Promise<void> => {
  const { discovery, configuration, log } = joinFiles(runDirectory)
  await files.remove(log)
  const { nodeIp, controlPlane } = options
  if (controlPlane !== undefined) await placeKeys(files, controlPlane.keys)
  await files.write(discovery, discoveryKubeconfig(credential), 0o600)
  const { nodeName, taints = [] } = credential
  const text = joinConfiguration(nodeName, discovery, await criSocket(files), {
    taints,
    ...given({ nodeIp, controlPlane })
  })
  await files.write(configuration, text, 0o600)
  await exec(['systemctl', 'start', '--no-block', units.join])
}

export const removeJoinFiles = async (files: Files, runDirectory: string): Promise<void> => {
  const { discovery, configuration } = joinFiles(runDirectory)
  await files.remove(discovery)
  await files.remove(configuration)
}

/** The file in which the kernel lists the unit's processes (cgroup v2, without which the kubelet refuses to run). */
const processes = `/sys/fs/cgroup/system.slice/${units.join}/cgroup.procs`

/**
 * True if kubeadm is at work. This reads a file. To ask systemd would start a process, twice a second beside kubeadm
 * itself.
 */
export const joinIsAlive = async (files: Pick<Files, 'read'>): Promise<boolean> =>
  // a group that goes away while it is read has no processes
  Boolean(await files.read(processes).catch(() => undefined))

/** The state of the join by systemd, since the machine booted. At a reboot systemd forgets it, and tmpfs is empty. */
export const joinUnit = async (exec: Exec): Promise<JoinState['unit']> => {
  const unit = await unitProperties(exec, units.join, ['ActiveState', 'Job'])
  // a job is queued or running: the unit was asked to start and may still show how the last attempt ended
  if (unit.Job !== undefined && unit.Job !== '') return 'running'
  switch (unit.ActiveState) {
    case 'active':
      // a oneshot with RemainAfterExit
      return 'succeeded'
    case 'failed':
      return 'failed'
    case 'activating':
    case 'deactivating':
      return 'running'
    default:
      return 'absent'
  }
}

const outputLimit = 200

/** The last lines that kubeadm printed, without secrets. */
export const joinOutput = async (files: Files, runDirectory: string): Promise<string[]> => {
  const log = (await files.read(joinFiles(runDirectory).log)) ?? ''
  const lines = maskSecrets(log)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.slice(-outputLimit)
}
