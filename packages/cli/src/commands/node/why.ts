import { escapeText } from '@joinery/protocol'
import type { Command } from 'commander'
import { describeWhy } from '../../output/describe-why.ts'
import { printDocument } from '../../output/document.ts'
import { enrolmentArgument } from '../../session/references.ts'
import { inPages, outputOption, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery why node-1                              why its Node is not Ready: likeliest cause first, with commands
  joinery why node-1 -o json | jq '.causes[0]'
`

export const addWhy = (program: Command, terminal: Terminal): Command =>
  program
    .command('why')
    .description('say why the Node of an enrolment is not Ready')
    .addHelpText('before', examples)
    .addArgument(enrolmentArgument('<name>', ({ node }) => node !== undefined && node.condition !== 'Ready'))
    .addOption(outputOption('json', 'yaml'))
    .action((name: string, _options, command) => inPages(command, terminal, (session) => why(name, session)))

const why = async (name: string, session: Session): Promise<void> => {
  const { client, terminal } = session
  const answer = await client.why(name)
  if (printDocument(session, answer)) return
  terminal.out(describeWhy(answer, terminal.now(), terminal))
  if (answer.ready) return
  const command = answer.causes[0]?.remedy.find((line) => !line.startsWith('#'))
  const next = client.door === 'cluster' ? `sudo joinery why ${name}      on the pairing server's host` : command
  terminal.err(`Next: ${escapeText(next ?? `joinery show ${name}`)}\n`)
}
