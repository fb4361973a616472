import type { Files } from '@joinery/host/files'
import type { Stage } from './kubeadm/kubeadm-texts.ts'
import type { MemoryImages } from './memory-images.ts'
import type { Trouble } from './trouble.ts'

/** The outside of a rehearsal machine: everything that others do to it. */
export interface MachineWorld {
  /** Disk of the machine, and /run. The agent keeps its code, key and journal there too. */
  readonly files: Files

  /** Images of the machine's container runtime. */
  readonly images: MemoryImages

  /** The faults of the machine, beside those of its join. None at first. */
  readonly trouble: Trouble

  /**
   * Cuts the power and gives it back. Everything that ran is gone, and everything in memory too (/run, the kernel's
   * settings). `beforeKubelet` runs at boot before the kubelet does.
   */
  reboot(beforeKubelet?: () => Promise<unknown>): Promise<void>

  /** Cuts the power for good. */
  powerOff(): void

  /** Sets the machine's time of day ahead of the API server's by so many milliseconds. Behind it if negative. */
  setClock(ahead: number): void

  /** Makes this preflight check fail from now on, whatever is true. `remedy`: what an operator is told to do. */
  breakCheck(name: string, finding: string, remedy: string): void

  /** Ends the failure of a check, as if the remedy was followed: the check says what is true again. */
  mendCheck(name: string): void

  /** Makes the next `kubeadm join` print these lines instead of that stage, and fail. */
  failNextJoin(stage: Stage, lines: readonly string[]): void

  /** Has the next `kubeadm join` killed (SIGKILL) when it has printed that stage, or has done its act. */
  killNextJoin(stage: Stage, when: 'printed' | 'done'): void
}
