import { escapeText, type JoinCommand, type JoinCommandRequest, joinCommandLifetime } from '@joinery/protocol'
import type { Command } from 'commander'
import { joinCommandText } from '../join-command-text.ts'
import { printDocument } from '../output/document.ts'
import { inSession, outputOption, type Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { moment } from '../times.ts'
import { ttlOption } from '../ttl-option.ts'

const examples = `Examples:
  joinery join-command --name node-1                       to paste into a root shell on the machine
  joinery join-command --name node-1 | ssh root@node-1 sh
  joinery join-command --name node-1 --ttl 30m -o json
`

const notes = `
The command lets whoever has it become the Node of that name, once. Where cluster-info is public it is kubeadm's own form, and
the token an argument: who may list the machine's processes sees it while it joins. Where it is private the token
is in a file that only root can read, for as long as kubeadm runs.`

export const addJoinCommand = (program: Command, terminal: Terminal): Command =>
  program
    .command('join-command')
    .description('approve a machine without an agent: prints the command by which it joins, this once')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .requiredOption('--name <name>', 'the node name')
    .addOption(ttlOption('how long the machine may take to join', joinCommandLifetime))
    .addOption(outputOption('json', 'yaml'))
    .action(({ name, ttl }: JoinCommandRequest, command) =>
      inSession(command, terminal, (session) => make({ name, ttl }, session))
    )

const make = async (request: JoinCommandRequest, session: Session): Promise<void> => {
  const made = await session.client.joinCommand(request)
  if (printDocument(session, made)) return
  session.terminal.out(joinCommandText(made))
  session.terminal.err(describeMade(made))
}

const describeMade = ({ name, expires }: JoinCommand): string =>
  [
    `Good once, for the Node ${name}, until ${moment(expires)}; it is not shown again.`,
    `Lost: joinery reject ${name} --reason lost`,
    `Next: joinery show ${name}`
  ]
    .map((line) => `${escapeText(line)}\n`)
    .join('')
