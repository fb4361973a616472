import {
  type CodeRequest,
  type CredentialKind,
  codeLifetime,
  codeUses,
  credentialKinds,
  gateProblem,
  gatesAtMost,
  isNetwork,
  type PreflightPolicy,
  type RecoverPolicy,
  type Remediation,
  type Role,
  recoverPattern,
  remediations,
  roles
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addLabelsAndTaints, type LabelsAndTaintsOptions, labelsAndTaints } from './labels-and-taints-options.ts'
import { ttlOption } from './ttl-option.ts'

/** An operator's decisions about a code. Every command that makes a code takes them. */
export interface CodeOptions extends LabelsAndTaintsOptions {
  name?: string
  role: Role
  uses: number
  from: string[]
  ttl: number
  remediate?: Remediation
  ignorePreflight: string[]
  readyWhen: string[]
  credential?: CredentialKind
  prefetch?: boolean
  recover?: RecoverPolicy
  proof?: true
}

/** The options of every command that makes a code. */
export const addCodeOptions = (command: Command): Command =>
  addLabelsAndTaints(
    command
      .option('--name <name>', 'node name, or a pattern with {n} for the lowest free number')
      .addOption(
        new Option(
          '--role <role>',
          'role of the machine; a control plane gets the keys of the cluster by joinery grant'
        )
          .choices(roles)
          .default('worker')
      )
      .addOption(
        new Option(
          '--uses <number>',
          `number of machines that may use the code, ${codeUses.minimum} to ${codeUses.maximum}`
        )
          .default(1)
          .argParser(useCount)
      )
      .addOption(
        new Option('--from <networks>', 'CIDRs from which a machine must come, comma-separated; repeatable')
          .default([], 'anywhere')
          .argParser(networks)
      )
      .addOption(ttlOption('time in which each machine must first use the code', codeLifetime))
  )
    .addOption(
      new Option(
        '--remediate <level>',
        'what the agent may mend, if its machine does not decide (default: "safe")'
      ).choices(remediations)
    )
    .addOption(
      new Option('--ignore-preflight <names>', 'checks whose failure does not count, comma-separated; repeatable')
        .default([], 'none')
        .argParser(checkNames)
    )
    .addOption(
      new Option(
        '--ready-when <gate>',
        'the Node takes Pods only when this holds: condition:TYPE, daemonset:NAMESPACE/NAME, or pod:NAMESPACE/KEY=VALUE for one that ran to its end; repeatable'
      )
        .default([], 'at once')
        .argParser(gate)
    )
    .addOption(
      new Option(
        '--credential <kind>',
        "credential of a join: a bootstrap token, or a client certificate for the machine's own key (default: the server decides)"
      ).choices(credentialKinds)
    )
    .option(
      '--prefetch',
      'let a machine that waits pull the images that the nodes run; it learns their names (default: with --from, or for one machine)'
    )
    .option('--no-prefetch', 'let a machine that waits pull nothing, and tell it of no image')
    .addOption(
      new Option(
        '--recover <policy>',
        'machine that lost its certificate: "ask" an operator, approve "auto N" times a year, or "never" (default: the server decides)'
      ).argParser(recoverPolicy)
    )
    .option(
      '--proof',
      'rules of the approval policy may rest on the code; over the cluster it takes the right to approve (default: only a code of root)'
    )

/** The request for a code, from the options. */
export const codeRequest = (options: CodeOptions): CodeRequest => {
  const { name, role, uses, from, ttl, readyWhen, credential, prefetch, recover, proof } = options
  return {
    ttl,
    ...given({ name }),
    ...(role !== 'worker' && { role }),
    ...(uses > 1 && { uses }),
    ...(from.length > 0 && { from }),
    ...labelsAndTaints(options),
    ...(readyWhen.length > 0 && { readyWhen }),
    ...policyOf(options),
    ...given({ credential, prefetch, recover, proof })
  }
}

/** The preflight policy of the code. Undefined if no option sets one: then the code has no policy of its own. */
const policyOf = ({ remediate, ignorePreflight: ignore }: CodeOptions): { policy?: PreflightPolicy } =>
  remediate === undefined && ignore.length === 0 ? {} : { policy: { ignore, ...(remediate && { remediate }) } }

const recoverPolicy = (text: string): RecoverPolicy => {
  if (new RegExp(recoverPattern).test(text)) return text
  throw new InvalidArgumentError('give ask, never, or "auto N" with a number from 1 to 99.')
}

const useCount = (text: string): number => {
  const uses = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (uses >= codeUses.minimum && uses <= codeUses.maximum) return uses
  throw new InvalidArgumentError(`give a number from ${codeUses.minimum} to ${codeUses.maximum}.`)
}

const networks = (text: string, before: string[]): string[] => {
  const given = text.split(',').map((network) => network.trim())
  if (given.every(isNetwork)) return [...new Set([...before, ...given])]
  throw new InvalidArgumentError('give networks like 192.0.2.0/24,2001:db8::/32; one address is 192.0.2.7/32.')
}

const gate = (text: string, before: string[]): string[] => {
  const problem = gateProblem(text)
  if (problem !== undefined) throw new InvalidArgumentError(`${problem}.`)
  if (before.includes(text)) return before
  if (before.length === gatesAtMost) throw new InvalidArgumentError(`a code has at most ${gatesAtMost} gates.`)
  return [...before, text]
}

const checkNames = (text: string, before: string[]): string[] => {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => /^[a-z0-9-]{1,64}$/.test(name))) return [...new Set([...before, ...names])]
  throw new InvalidArgumentError('give names of checks as `joinery show` prints them, like mtu,proxy.')
}
