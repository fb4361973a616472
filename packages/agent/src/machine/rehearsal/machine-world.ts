import type { Files } from '@joinery/host/files'
import type { Stage } from './kubeadm/kubeadm-texts.ts'
import type { MemoryImages } from './memory-images.ts'

/** What others do to a rehearsal machine: the outside of its ports. */
export interface MachineWorld {
  /** Its disk, and /run: the agent keeps its code, key and journal there too. */
  readonly files: Files

  /** Those of its container runtime. */
  readonly images: MemoryImages

  /**
   * Cuts the power and gives it back: what was running is gone, what was in memory (/run, the kernel's settings) too.
   * `beforeKubelet`: what runs at boot before the kubelet does.
   */
  reboot(beforeKubelet?: () => Promise<unknown>): Promise<void>

  /** Cuts the power for good. */
  powerOff(): void

  /** From now on this preflight check fails, whatever is true. `remedy`: what an operator is told to do. */
  breakCheck(name: string, finding: string, remedy: string): void

  /** The remedy was followed: the check says what is true again. */
  mendCheck(name: string): void

  /** The next `kubeadm join` prints these lines instead of that stage, and fails. */
  failNextJoin(stage: Stage, lines: readonly string[]): void

  /** The next `kubeadm join` is killed (SIGKILL) when it has printed that stage, or has done what it does then. */
  killNextJoin(stage: Stage, when: 'printed' | 'done'): void
}
