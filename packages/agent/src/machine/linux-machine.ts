import { exec } from './exec.ts'
import { factsReader } from './facts.ts'
import { filesUnder } from './files.ts'
import { closeJoin } from './kubeadm/close-join.ts'
import { joinOutput, joinUnit, removeSecrets, startJoin } from './kubeadm/join-unit.ts'
import { kubeletCertificate } from './kubeadm/kubelet-certificate.ts'
import { nodeReadiness } from './kubeadm/node-readiness.ts'
import { reset } from './kubeadm/reset.ts'
import { linuxHost } from './linux-host.ts'
import type { JoinState, Machine } from './machine.ts'
import { mend } from './mend.ts'
import { paths } from './paths.ts'
import { checksFor, preflight } from './preflight/preflight.ts'
import { statusNotifier } from './status.ts'

export interface LinuxMachineOptions {
  /** The agent's folder on tmpfs, 0700: /run/joinery-agent. */
  runDirectory: string
  /** $NOTIFY_SOCKET of the agent's unit; undefined where systemd does not run it. */
  notifySocket: string | undefined
}

/** The machine that this process runs on, as root. */
export const linuxMachine = ({ runDirectory, notifySocket }: LinuxMachineOptions): Machine => {
  const files = filesUnder('/')
  const host = linuxHost(files)
  return {
    facts: factsReader(host),
    preflight: (apiEndpoint) => preflight(host, checksFor(apiEndpoint)),
    mend: (checks) => mend(files, exec, checks),
    joinState: async (): Promise<JoinState> => {
      const [unit, output, bootstrapConf, kubeletConf, certificate] = await Promise.all([
        joinUnit(exec),
        joinOutput(files, runDirectory),
        files.exists(paths.bootstrapConf),
        files.exists(paths.kubeletConf),
        kubeletCertificate(files)
      ])
      return { unit, output, bootstrapConf, kubeletConf, ...(certificate && { certificate }) }
    },
    startJoin: (credential) => startJoin(files, exec, runDirectory, credential),
    closeJoin: () => closeJoin(files, exec, runDirectory),
    reset: () => reset(exec),
    removeSecrets: () => removeSecrets(files, runDirectory),
    nodeReadiness: (name) => nodeReadiness(files, name),
    status: statusNotifier(exec, notifySocket)
  }
}
