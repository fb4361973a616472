import { CommandEnd } from '@joinery/host/command-end'
import { shellWord } from '@joinery/host/text/shell-word'
import {
  escapeText,
  type JoinCommand,
  type JoinCommandRequest,
  joinCommandLifetime,
  type Role,
  roles
} from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { type Command, Option } from 'commander'
import { ttlOption } from '../code/ttl-option.ts'
import { joinCommandText } from '../join-command/join-command-text.ts'
import { requireKubeadm, uploadCerts } from '../join-command/upload-certs.ts'
import { documentText } from '../output/document.ts'
import { requireHost } from '../session/require-host.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { moment } from '../terminal/times.ts'

const examples = `Examples:
  joinery join-command --name node-1                       paste it into a root shell on the machine
  joinery join-command --name node-1 | ssh root@node-1 sh
  joinery join-command --name node-1 --ttl 30m -o json
  joinery join-command --name cp-2 --role control-plane    as root on a control-plane host
`

const notes = `
Anybody who has the command can become the Node of that name, once. If cluster-info is public, the command has kubeadm's own form:
the token is an argument, and anybody who may list the machine's processes sees the token during the join. If cluster-info is
private, the token is in a file that only root can read, for as long as kubeadm runs. A control plane gets the keys of the
cluster by kubeadm's own upload, encrypted, for two hours. The key that opens the upload is an argument too, and never passes
the server.`

export const addJoinCommand = (program: Command, terminal: Terminal): Command =>
  program
    .command('join-command')
    .description('approve a machine without an agent: print its join command, only this once')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .requiredOption('--name <name>', 'node name')
    .addOption(new Option('--role <role>', 'role of the machine').choices(roles).default('worker'))
    .addOption(ttlOption('time in which the machine must join', joinCommandLifetime))
    .addOption(outputOption('json', 'yaml'))
    .action(({ name, role, ttl }: JoinCommandRequest & { role: Role }, command) =>
      inSession(command, terminal, (session) => {
        requireHost(session.client, {
          what: 'make a join command',
          command: `joinery join-command --name ${shellWord(name)}${role === 'worker' ? '' : ` --role ${role}`}`,
          host: 'on the host of the pairing server'
        })
        return role === 'worker' ? make({ name, ttl }, session) : makeControlPlane({ name, role, ttl }, session)
      })
    )

const make = async (request: JoinCommandRequest, session: Session): Promise<void> => {
  await hand(await session.client.joinCommand(request), session)
}

/**
 * Prints the join command. If it cannot be printed, the command is rejected, or the error says how to reject it: a
 * command that nobody has seen must not be good for a machine.
 */
const hand = async (made: JoinCommand, session: Session, certificateKey?: string): Promise<void> => {
  const { client, terminal } = session
  let text: string | undefined
  try {
    text = documentText(session, { ...made, ...given({ certificateKey }) })
    await terminal.deliver(text ?? joinCommandText(made, certificateKey))
  } catch (error) {
    const left = await client.reject(made.enrolment, { reason: 'the join command could not be printed' }).then(
      () => `the join command of ${made.name} was given to nobody and is rejected`,
      (second: Error) => `the join command of ${made.name} was given to nobody and is still good: ${second.message}`
    )
    const isOver = left.endsWith('rejected')
    const remedy = isOver ? 'ask for another one' : `joinery reject ${made.enrolment} --reason lost`
    throw new AggregateError([error, new CommandEnd(exitCodes.failure, left, remedy)])
  }
  if (text === undefined) terminal.err(`${inArguments(made, certificateKey)}${describeMade(made, terminal)}`)
}

/** Uploads the keys once the name is granted. If the upload fails, nobody has the command, and it is rejected. */
const makeControlPlane = async (request: JoinCommandRequest, session: Session): Promise<void> => {
  const { client, terminal } = session
  await requireKubeadm(terminal.exec)
  const made = await client.joinCommand(request)
  const certificateKey = await uploadCerts(terminal.exec).catch(async (error) => {
    await client.reject(made.enrolment, { reason: 'the keys of the cluster were not uploaded' })
    throw error
  })
  await hand(made, session, certificateKey)
}

/** Warning about the secrets in kubeadm's argument list: other users of the machine see them while it joins. */
const inArguments = ({ discovery }: JoinCommand, certificateKey?: string): string => {
  const secrets = [
    ...(discovery === 'cluster-info' ? ['the token'] : []),
    ...(certificateKey === undefined ? [] : ['the certificate key'])
  ]
  if (secrets.length === 0) return ''
  const [verb, pronoun] = secrets.length === 1 ? ['is an argument', 'it'] : ['are arguments', 'them']
  return `${secrets.join(' and ')} ${verb} of kubeadm: anybody who may list the processes of the machine sees ${pronoun} while it joins\n`
}

const describeMade = ({ name, expires }: JoinCommand, { told }: Pick<Terminal, 'told'>): string =>
  [
    `Good once, for the Node ${name}, until ${moment(expires)}; it is not shown again.`,
    `Lost: joinery reject ${name} --reason lost`,
    `Next: joinery show ${name}`
  ]
    .map((line) => `${escapeText(told(line))}\n`)
    .join('')
