import type { Check } from '@joinery/protocol'
import type { Host } from '../../../host/host.ts'

/** One prerequisite of a join. `run` reads and changes nothing. */
export interface PreflightCheck {
  /** Stable name: operators and `mend` know a check by it. */
  name: string
  /** The reason why the check matters, in a sentence: what goes wrong on a machine that joins all the same. */
  why: string
  /** Level from which on the agent mends it by itself, if it can be mended. */
  mends?: 'safe' | 'runtime'
  run(host: Host): Promise<Finding>
}

export type Finding = Pick<Check, 'verdict' | 'finding' | 'remedy'> & {
  /** False if a check that the agent mends elsewhere cannot be mended here. */
  mendable?: false
}

export const pass = (finding: string): Finding => ({ verdict: 'pass', finding })

/** A check that was not looked at. `reason`: why not. */
export const skipped = (reason: string): Finding => ({ verdict: 'skipped', finding: reason })

/** A finding that is odd, and no reason not to join. `remedy` is as in `fail`. */
export const warn = (finding: string, ...remedy: string[]): Finding => ({ verdict: 'warn', finding, remedy })

/**
 * A failure. `remedy` has lines for root's shell on this machine, in their order: each is one command, or `# words`
 * if there is no command. Pasted all together, the lines do no harm. If somebody must choose or judge first, the line
 * is words.
 */
export const fail = (finding: string, ...remedy: string[]): Finding => ({ verdict: 'fail', finding, remedy })

/** The worst of several findings of one kind. Findings of that verdict are put together. */
export const worst = (findings: readonly Finding[]): Finding => {
  const verdict = (['fail', 'warn', 'pass'] as const).find((one) => findings.some(({ verdict }) => verdict === one))
  const found = findings.filter((finding) => finding.verdict === (verdict ?? 'skipped'))
  const remedy = [...new Set(found.flatMap(({ remedy = [] }) => remedy))]
  return {
    verdict: verdict ?? 'skipped',
    finding: [...new Set(found.map(({ finding }) => finding))].join('; '),
    ...(remedy.length > 0 && { remedy })
  }
}

/** The command to run if systemd does not answer. */
export const systemdState = 'systemctl is-system-running'

/** The same finding, marked as one that the agent cannot mend: this machine's own state keeps it from that. */
export const byHand = (finding: Finding): Finding => ({ ...finding, mendable: false })
