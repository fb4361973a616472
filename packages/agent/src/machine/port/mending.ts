import { type Check, type MachineChange, type Remediation, remediations } from '@joinery/protocol'

/** How the agent mends the machine that it runs on. */
export interface Mending {
  /**
   * Mends the checks that failed or warned, as far as `level` allows it, now and for the next boot. Each change is journalled
   * before it is made (`changesMade`). Nothing beside a package manager or kubeadm that is at work.
   */
  mend(checks: readonly Check[], level: Remediation): Promise<Mended>
}

export interface Mended {
  /** What was changed, and what could not be, in order. */
  changes: MachineChange[]
  /** Who is at work on this machine, so that nothing was mended; it is to be tried again soon. */
  waits?: string
}

/**
 * The agent is to mend this check by itself: it failed or warned, can be mended here, and the level allows it. One that is
 * not to count is left as somebody wants it.
 */
export const isDue = ({ verdict, mends, ignored }: Check, level: Remediation): boolean =>
  (verdict === 'fail' || verdict === 'warn') &&
  mends !== undefined &&
  !ignored &&
  remediations.indexOf(mends) <= remediations.indexOf(level)
