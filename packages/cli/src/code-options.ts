import {
  type CodeRequest,
  type CredentialKind,
  codeLifetime,
  credentialKinds,
  type PreflightPolicy,
  type Remediation,
  remediations
} from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addLabelsAndTaints, type LabelsAndTaintsOptions, labelsAndTaints } from './labels-and-taints-options.ts'
import { formatDuration, parseDuration } from './times.ts'

/** What an operator decides about a code, whichever command makes it. */
export interface CodeOptions extends LabelsAndTaintsOptions {
  name?: string
  ttl: number
  remediate?: Remediation
  ignorePreflight: string[]
  credential?: CredentialKind
}

const bounds = `from ${formatDuration(codeLifetime.minimum)} to ${formatDuration(codeLifetime.maximum)}`

/** The options of every command that makes a code. */
export const addCodeOptions = (command: Command): Command =>
  addLabelsAndTaints(
    command
      .option('--name <name>', 'the only node name that it is good for')
      .addOption(
        new Option('--ttl <duration>', `how long its first use is possible, ${bounds}`)
          .default(codeLifetime.default, formatDuration(codeLifetime.default))
          .argParser(ttlSeconds)
      )
  )
    .addOption(
      new Option(
        '--remediate <level>',
        'what the agent may mend, where the machine does not say; "safe" unless told otherwise'
      ).choices(remediations)
    )
    .addOption(
      new Option('--ignore-preflight <names>', 'checks whose failure is not to count, comma-separated; repeatable')
        .default([], 'none')
        .argParser(checkNames)
    )
    .addOption(
      new Option(
        '--credential <kind>',
        'what the machine joins with: a bootstrap token, or a client certificate for its own key; else as the server is set'
      ).choices(credentialKinds)
    )

/** What the server is asked for. */
export const codeRequest = (options: CodeOptions): CodeRequest => {
  const { name, ttl, credential } = options
  return {
    ttl,
    ...(name !== undefined && { name }),
    ...labelsAndTaints(options),
    ...policyOf(options),
    ...(credential && { credential })
  }
}

/** Nothing where nothing was said: then a code has no policy of its own. */
const policyOf = ({ remediate, ignorePreflight: ignore }: CodeOptions): { policy?: PreflightPolicy } =>
  remediate === undefined && ignore.length === 0 ? {} : { policy: { ignore, ...(remediate && { remediate }) } }

const ttlSeconds = (text: string): number => {
  const seconds = parseDuration(text)
  if (seconds !== undefined && seconds >= codeLifetime.minimum && seconds <= codeLifetime.maximum) return seconds
  throw new InvalidArgumentError(`give a duration ${bounds}, like 30m or 1h30m.`)
}

const checkNames = (text: string, before: string[]): string[] => {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => /^[a-z0-9-]{1,64}$/.test(name))) return [...new Set([...before, ...names])]
  throw new InvalidArgumentError('give names of checks as `joinery show` prints them, like mtu,proxy.')
}
