import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Throws if `uploadCerts` could not work on this host. */
export const requireKubeadm = async (exec: Terminal['exec']): Promise<void> => {
  try {
    await exec(['kubeadm', 'version', '-o', 'short'])
  } catch (error) {
    throw new CommandEnd(
      exitCodes.failure,
      `kubeadm cannot be run here: ${(error as Error).message}`,
      'run it as root on a control-plane host, which has the keys of the cluster'
    )
  }
}

/**
 * Makes kubeadm put the keys that control planes share into the Secret kubeadm-certs, encrypted, for two hours. Returns
 * the key that opens the Secret. Only kubeadm here and the reader of its output know that key.
 */
export const uploadCerts = async (exec: Terminal['exec']): Promise<string> => {
  const command = ['kubeadm', 'init', 'phase', 'upload-certs', '--upload-certs']
  const printed = await exec(command).catch((error: Error) => {
    throw new CommandEnd(exitCodes.failure, error.message)
  })
  const [key] = /^[0-9a-f]{64}$/m.exec(printed) ?? []
  if (key !== undefined) return key
  throw new CommandEnd(exitCodes.failure, `${command.join(' ')} printed no certificate key`)
}
