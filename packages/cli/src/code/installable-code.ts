import { CommandEnd } from '@joinery/host/command-end'
import { type CodeRequest, escapeText, furtherServers } from '@joinery/protocol'
import type { OperatorClient, SeenNewCode } from '../operator-client.ts'
import type { Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { moment } from '../terminal/times.ts'
import { hasPackage, type InstallableCode } from './cloud-init.ts'
import { warnedOfAgent } from './released-agents.ts'

/**
 * Makes a code, and gives it to `use`, which hands it to the operator. If the server has no agent package to install,
 * or if `use` fails, the code is revoked: nobody has it.
 */
export const withInstallableCode = async (
  { client, terminal }: Pick<Session, 'client' | 'terminal'>,
  request: CodeRequest,
  use: (newCode: InstallableCode) => Promise<void> | void
): Promise<void> => {
  const newCode = await client.createCode(request)
  if (!hasPackage(newCode)) {
    await client.revokeCode(newCode.id)
    throw noPackage()
  }
  await orRevoke(client, newCode, () => use(warnedOfAgent(newCode, terminal.releaseFolder)))
}

/**
 * Does `use`, which hands the code to the operator. If `use` fails, the code is revoked, or the error says how to
 * revoke it.
 */
export const orRevoke = async (
  client: Pick<OperatorClient, 'revokeCode'>,
  { id }: SeenNewCode,
  use: () => Promise<void> | void
): Promise<void> => {
  try {
    await use()
  } catch (error) {
    const left = await client.revokeCode(id).then(
      () => new CommandEnd(exitCodes.failure, `the code ${id} was given to nobody and is revoked`, 'make another one'),
      (second: Error) =>
        new CommandEnd(
          exitCodes.failure,
          `the code ${id} was given to nobody and is still open: ${second.message}`,
          `joinery code revoke ${id}`
        )
    )
    throw new AggregateError([error, left])
  }
}

const noPackage = (): CommandEnd =>
  new CommandEnd(
    exitCodes.failure,
    'the pairing server has no agent package to hand out; the code is revoked',
    'build or install the joinery-agent package, set agentPackage in /etc/joinery/server.yaml, restart joinery-server'
  )

/** Text about a new code for the operator, without the code itself. `next`: the command to type afterwards. */
export const describeNewCode = (
  { id, name, role, uses, from = [], expires, install, warnings = [] }: SeenNewCode,
  { told }: Pick<Terminal, 'told'>,
  next = 'joinery list'
): string =>
  [
    `Code ${id} invites ${invited(role, uses)}${name === undefined ? '' : ` as ${name}`}` +
      `${from.length === 0 ? '' : ` from ${from.join(', ')}`}; first use until ${moment(expires)}.`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    `${serversText(install)}, pin ${install.pin}${install.nextPin === undefined ? '' : `, next pin ${install.nextPin}`}`,
    `Next: ${next}`
  ]
    .map((line) => `${escapeText(told(line))}\n`)
    .join('')

const serversText = (install: SeenNewCode['install']): string => {
  const others = furtherServers(install)
  return others.length === 0
    ? `Pairing server ${install.server}`
    : `Pairing servers ${[install.server, ...others].join(', ')}`
}

const invited = (role: SeenNewCode['role'], uses: number): string => {
  if (role === 'control-plane') return 'one control plane'
  return uses === 1 ? 'one machine' : `${uses} machines`
}

/** The command that a person with the bare code types at the machine. */
export const enrolCommandOf = ({ install }: Pick<SeenNewCode, 'install'>): string => {
  const { server, pin, nextPin } = install
  const servers = [server, ...furtherServers(install)].map((url) => `--server ${url}`).join(' ')
  const pins = `--pin ${pin}${nextPin === undefined ? '' : ` --next-pin ${nextPin}`}`
  return `at the machine, as root: joinery-agent enrol ${servers} ${pins} --code-file -`
}
