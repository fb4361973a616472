import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { units } from '../host/paths.ts'
import type { Images } from './images.ts'
import { closeJoin } from './kubeadm/close-join.ts'
import { startJoin } from './kubeadm/join-unit.ts'
import { removeSecrets } from './kubeadm/remove-secrets.ts'
import { reset } from './kubeadm/reset.ts'
import type { Joining } from './port/joining.ts'

export interface JoiningParts extends Pick<Joining, 'markControlPlane'> {
  files: Files
  exec: Exec
  /** The agent's folder on tmpfs, 0700. */
  runDirectory: string
  images: Images
}

/**
 * Joins a Debian-like machine with systemd and kubeadm, by its files and commands. Tests may give others than the
 * real ones.
 */
export const debianJoining = ({ files, exec, runDirectory, images, markControlPlane }: JoiningParts): Joining => ({
  pullImage: (image, signal) => images.pull(image, signal),
  startJoin: (credential, options) => startJoin(files, exec, runDirectory, credential, options),
  startKubelet: async () => void (await exec(['systemctl', 'start', '--no-block', units.kubelet])),
  markControlPlane,
  closeJoin: () => closeJoin(files, exec, runDirectory),
  reset: () => reset(exec),
  removeSecrets: () => removeSecrets(files, runDirectory)
})
