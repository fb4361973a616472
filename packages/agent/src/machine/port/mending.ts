import { type Check, type MachineChange, type Remediation, remediations } from '@joinery/protocol'

/** The port with which the agent mends the machine that it runs on. */
export interface Mending {
  /**
   * Mends the checks that failed or warned, as far as `level` allows it, now and for the next boot. Each change is
   * journalled before it is made (`changesMade`). Nothing is mended while a package manager or kubeadm is at work.
   */
  mend(checks: readonly Check[], level: Remediation): Promise<Mended>
}

export interface Mended {
  /** The changes, and what could not be changed, in order. */
  changes: MachineChange[]
  /** The program that is at work on this machine, so that nothing was mended. The agent tries again soon. */
  waits?: string
}

/**
 * True if the agent must mend this check by itself: it failed or warned, can be mended here, and the level allows it.
 * A check that is ignored stays as somebody wants it.
 */
export const isDue = ({ verdict, mends, ignored }: Check, level: Remediation): boolean =>
  (verdict === 'fail' || verdict === 'warn') &&
  mends !== undefined &&
  !ignored &&
  remediations.indexOf(mends) <= remediations.indexOf(level)
