import { exec } from '@joinery/host/exec.ts'
import { filesUnder } from '@joinery/host/files.ts'
import { markControlPlane } from './control-plane/mark-control-plane.ts'
import { debianMachine } from './debian-machine.ts'
import { factsReader } from './facts.ts'
import { linuxHost } from './host/linux-host.ts'
import { statusNotifier } from './host/status.ts'
import { criImages } from './images.ts'
import { nodeReadiness } from './kubeadm/node-readiness.ts'
import type { Machine } from './port/machine.ts'

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
  return debianMachine({
    files,
    exec,
    host,
    runDirectory,
    images: criImages(files),
    // lazily: of a machine that is no control plane none of it is loaded
    openEtcd: async (hosts) => (await import('./control-plane/open-etcd.ts')).openEtcd(files)(hosts),
    facts: factsReader(host),
    markControlPlane: (name) => markControlPlane(files, name),
    nodeReadiness: (name) => nodeReadiness(files, name),
    status: statusNotifier(exec, notifySocket)
  })
}
