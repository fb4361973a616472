import type { Check } from '@joinery/protocol'
import type { Host } from '../../host/host.ts'

/** One prerequisite of a join. `run` reads and changes nothing. */
export interface PreflightCheck {
  /** Stable: operators and `mend` know a check by it. */
  name: string
  /** Why it matters, in a sentence: what goes wrong on a machine that joins all the same. */
  why: string
  /** From this level on the agent mends it by itself, where it can be mended. */
  mends?: 'safe' | 'runtime'
  run(host: Host): Promise<Finding>
}

export type Finding = Pick<Check, 'verdict' | 'finding' | 'remedy'> & {
  /** False where a check that the agent mends elsewhere cannot be mended here. */
  mendable?: false
}

export const pass = (finding: string): Finding => ({ verdict: 'pass', finding })

/** `reason`: why it was not looked at. */
export const skipped = (reason: string): Finding => ({ verdict: 'skipped', finding: reason })

/** Odd, and no reason not to join. `remedy`: as of `fail`. */
export const warn = (finding: string, ...remedy: string[]): Finding => ({ verdict: 'warn', finding, remedy })

/**
 * `remedy`: lines for root's shell on this machine, in their order: each is one command, or `# words` where there is none.
 * All of them pasted together do no harm: what is to be chosen or judged first is words.
 */
export const fail = (finding: string, ...remedy: string[]): Finding => ({ verdict: 'fail', finding, remedy })

/** Of several of one kind: what is found at the worst of them. */
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

/** What to look at where systemd does not answer. */
export const systemdState = 'systemctl is-system-running'

/** The same finding, and this machine's own state keeps the agent from mending it. */
export const byHand = (finding: Finding): Finding => ({ ...finding, mendable: false })
