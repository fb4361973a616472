import { exec } from '@joinery/host/exec'
import { filesUnder } from '@joinery/host/files'
import { linuxHost } from '../host/linux-host.ts'
import { systemClock } from '../program/clock.ts'
import { markControlPlane } from './control-plane/mark-control-plane.ts'
import { debianEtcd } from './debian-etcd.ts'
import { debianJoining } from './debian-joining.ts'
import { debianLooking } from './debian-looking.ts'
import { factsReader } from './facts.ts'
import { criImages } from './images.ts'
import { nodeReadiness } from './kubeadm/node-readiness.ts'
import { mendingByUnit } from './mend/by-unit.ts'
import { mendingInProcess } from './mend/in-process.ts'
import type { MachinePorts } from './port/machine-ports.ts'
import { seeApi } from './why/see/api.ts'
import { criLooks } from './why/see/runtime.ts'

export interface LinuxMachineOptions {
  /** The agent's folder on tmpfs, 0700: /run/joinery-agent. */
  runDirectory: string
  /** True if this process is in the sandbox of the agent's unit, and cannot mend. A command by hand has no sandbox. */
  sandboxed?: boolean
}

/** The machine that this process runs on, as root. */
export const linuxMachine = ({ runDirectory, sandboxed = false }: LinuxMachineOptions): MachinePorts => {
  const files = filesUnder('/')
  const host = linuxHost(files)
  const images = criImages(files)
  return {
    looking: debianLooking({
      files,
      exec,
      host,
      runDirectory,
      images,
      facts: factsReader(host),
      why: {
        cri: criLooks(files, exec, systemClock.now),
        api: (name) => seeApi(files, host.resolve, name),
        now: systemClock.now,
        monotonic: systemClock.monotonic
      },
      nodeReadiness: (name) => nodeReadiness(files, name)
    }),
    mending: sandboxed ? mendingByUnit(files, exec, runDirectory) : mendingInProcess(files, exec),
    joining: debianJoining({
      files,
      exec,
      runDirectory,
      images,
      markControlPlane: (name) => markControlPlane(files, name)
    }),
    // loaded late: a machine that is no control plane needs none of it
    etcd: debianEtcd(files, exec, async (hosts) =>
      (await import('./control-plane/open-etcd.ts')).openEtcd(files, systemClock)(hosts)
    )
  }
}
