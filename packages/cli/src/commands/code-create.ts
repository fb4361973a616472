import {
  codeLifetime,
  escapeText,
  type NewCode,
  type PreflightPolicy,
  type Remediation,
  remediations
} from '@joinery/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { cloudInit, hasPackage } from '../cloud-init.ts'
import { CommandError, exitCodes } from '../errors.ts'
import { printDocument } from '../output/document.ts'
import { inSession, outputOption, type Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { formatDuration, moment, parseDuration } from '../times.ts'

const examples = `Examples:
  joinery code create --name node-1 --cloud-init > user-data
  joinery code create --ttl 1h30m                 the machine asks for a name itself
  joinery code create --remediate off --ignore-preflight mtu,proxy
  joinery code create -o json | jq .install       what a machine needs beside the code
`

interface Options {
  name?: string
  ttl: number
  remediate?: Remediation
  ignorePreflight: string[]
  cloudInit?: true
}

export const addCodeCreate = (code: Command, terminal: Terminal): Command =>
  code
    .command('create')
    .description('invite one machine: makes a code for a single use, shown this once')
    .addHelpText('before', examples)
    .option('--name <name>', 'the only node name that it is good for')
    .addOption(
      new Option('--ttl <duration>', `how long its first use is possible, ${bounds}`)
        .default(codeLifetime.default, formatDuration(codeLifetime.default))
        .argParser(ttlSeconds)
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
    .addOption(new Option('--cloud-init', 'print user-data for the machine').conflicts('output'))
    .addOption(outputOption('json', 'yaml'))
    .action((options: Options, command) => inSession(command, terminal, (session) => create(options, session)))

const bounds = `from ${formatDuration(codeLifetime.minimum)} to ${formatDuration(codeLifetime.maximum)}`

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

const create = async (options: Options, session: Session): Promise<void> => {
  const { name, ttl, cloudInit: asUserData } = options
  const { client, terminal } = session
  const created = await client.createCode({ ttl, ...(name !== undefined && { name }), ...policyOf(options) })
  if (printDocument(session, created)) return
  if (asUserData) {
    if (!hasPackage(created)) {
      await client.revokeCode(created.id)
      throw noPackage()
    }
    terminal.out(cloudInit(created))
  } else {
    terminal.out(`${created.code}\n`)
  }
  terminal.err(explanation(created))
}

/** Nothing where nothing was said: then a code has no policy of its own. */
const policyOf = ({ remediate, ignorePreflight: ignore }: Options): { policy?: PreflightPolicy } =>
  remediate === undefined && ignore.length === 0 ? {} : { policy: { ignore, ...(remediate && { remediate }) } }

const noPackage = (): CommandError =>
  new CommandError(
    exitCodes.failure,
    'the pairing server has no agent package to hand out; the code is revoked',
    'build or install the joinery-agent package, set agentPackage in /etc/joinery/server.yaml, restart joinery-server'
  )

const explanation = ({ id, name, expires, install }: NewCode): string =>
  [
    `Code ${id} invites one machine${name === undefined ? '' : ` as ${name}`}; first use until ${moment(expires)}.`,
    `Pairing server ${install.server}, pin ${install.pin}`,
    'Next: joinery list'
  ]
    .map((line) => `${escapeText(line)}\n`)
    .join('')
