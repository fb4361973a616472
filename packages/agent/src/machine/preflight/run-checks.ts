import { type Check, type Remediation, remediations } from '@joinery/protocol'
import type { Host } from '../../host/host.ts'
import { byHand, type Finding, fail, type PreflightCheck } from './check/check.ts'
import type { PreflightInput } from './check/preflight-input.ts'
import { controlPlaneChecks } from './control-plane-checks.ts'
import { machineChecks } from './machine-checks.ts'
import { networkChecks } from './network-checks.ts'

/** All checks of a join: of the machine itself, of the network around it, and of a control plane. */
export const checksFor = (input: PreflightInput): PreflightCheck[] => [
  ...machineChecks(input),
  ...networkChecks(input),
  ...(input.role === 'control-plane' ? controlPlaneChecks(input) : [])
]

type Taken = Pick<PreflightInput, 'ignore' | 'remediate'>

/** Runs the checks side by side and reports every one, in their order. A check that throws has failed. */
export const runChecks = (
  host: Host,
  checks: readonly PreflightCheck[],
  taken: Taken = { ignore: [] }
): Promise<Check[]> => {
  const shared = askingOnce(host)
  return Promise.all(checks.map(async (check) => report(check, await check.run(shared).catch(couldNotCheck), taken)))
}

/** A host that asks nothing twice in one look: several checks use the same answers of the container runtime or a command. */
const askingOnce = (host: Host): Host => {
  const printed = new Map<string, Promise<string>>()
  let runtime: ReturnType<Host['runtime']> | undefined
  return {
    ...host,
    exec: (argv, options) => {
      const command = JSON.stringify([argv, options])
      const known = printed.get(command)
      if (known !== undefined) return known
      const asked = host.exec(argv, options)
      printed.set(command, asked)
      return asked
    },
    runtime: () => {
      runtime ??= host.runtime()
      return runtime
    }
  }
}

const report = (check: PreflightCheck, found: Finding, { ignore, remediate }: Taken): Check => {
  const { name, why } = check
  const { verdict, remedy = [], mendable = true } = found
  const finding = limit(found.finding, 1024)
  if (verdict === 'pass' || verdict === 'skipped') return { name, verdict, finding }
  const ignored = verdict === 'fail' && ignore.includes(name)
  const mends = mendable ? check.mends : undefined
  const offer = mends && !ignored ? offerOf(mends, remediate) : []
  const lines = [...remedy.slice(0, 8 - offer.length), ...offer]
  return {
    name,
    verdict: ignored ? 'warn' : verdict,
    finding,
    why: limit(why, 512),
    remedy: lines.map(remedyLine),
    ...(mends && { mends }),
    ...(ignored && { ignored })
  }
}

/** The remedy line that offers mending by the agent, if the agent could mend the check and may not. */
const offerOf = (mends: 'safe' | 'runtime', level: Remediation | undefined): string[] =>
  level !== undefined && remediations.indexOf(level) < remediations.indexOf(mends)
    ? [
        `# or let the agent do it: remediate: ${mends} in /etc/joinery/agent.yaml, then: systemctl restart joinery-agent`
      ]
    : []

/** Finding of a check that threw. The agent does not mend what is not known to be wrong. */
const couldNotCheck = (error: unknown): Finding =>
  byHand(
    fail(
      `could not be checked: ${error instanceof Error ? error.message : String(error)}`,
      'journalctl -u joinery-agent'
    )
  )

/**
 * A remedy line within the protocol's limit. A command that lost its end is another command: it is shown as a
 * comment, so that nobody runs it.
 */
const remedyLine = (line: string): string =>
  line.length <= 512 || line.startsWith('#') ? limit(line, 512) : limit(`# too long: ${line}`, 512)

/** One line of text, within the protocol's limit. */
const limit = (text: string, length: number): string => text.replace(/\s+/g, ' ').slice(0, length)
