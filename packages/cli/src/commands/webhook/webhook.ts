import { CommandEnd } from '@joinery/host/command-end'
import { section } from '@joinery/host/text/section'
import { escapeText } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Command } from 'commander'
import { columnTable } from '../../output/columns.ts'
import { printDocument } from '../../output/document.ts'
import { fold } from '../../output/fold.ts'
import { printNext } from '../../output/next-command.ts'
import { notDeliveredHeaders, notDeliveredRows, webhookColumns } from '../../output/webhook-columns.ts'
import { webhookArgument } from '../../session/references.ts'
import { requireHost } from '../../session/require-host.ts'
import { inPages, inSession, outputOption, type Session } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery webhook list                            the receivers of notices, and what they did not take
  joinery webhook test                            send a sample to each, and say what it answered
  joinery webhook resend relay                    send again what the receiver did not take
`
const listExamples = `Examples:
  joinery webhook list                            the receivers, and the last notices that they did not take
  joinery webhook list -o json | jq '.items[] | select(.dead > 0) | .name'
`
const testExamples = `Examples:
  joinery webhook test                            send a sample to each receiver; exits with 1 if one does not take it
  joinery webhook test relay
`
const resendExamples = `Examples:
  joinery webhook resend                          send again what no receiver took
  joinery webhook resend relay                    only to one; also after it has answered 410
`

/** Adds the commands for receivers of notices, which the server's configuration names. */
export const addWebhook = (program: Command, terminal: Terminal): void => {
  const webhook = program
    .command('webhook')
    .description('look at the receivers of notices, try them, and send again')
    .addHelpText('before', examples)
  webhook
    .command('list')
    .description('list the receivers of notices, and what they did not take')
    .addHelpText('before', listExamples)
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((_options, command) => inPages(command, terminal, list))
  webhook
    .command('test')
    .description('send a sample to one receiver, or to each')
    .addHelpText('before', testExamples)
    .addArgument(webhookArgument('[name]'))
    .addOption(outputOption('json', 'yaml'))
    .action((name: string | undefined, _options, command) =>
      inSession(command, terminal, (session) => test(session, name))
    )
  webhook
    .command('resend')
    .description('send the notices again that one receiver, or any, did not take')
    .addHelpText('before', resendExamples)
    .addArgument(webhookArgument('[name]'))
    .addOption(outputOption('json', 'yaml'))
    .action((name: string | undefined, _options, command) =>
      inSession(command, terminal, (session) => resend(session, name))
    )
}

const onHost = (session: Session, command: string): void =>
  requireHost(session.client, {
    what: 'look at webhooks',
    command: `joinery webhook ${command}`,
    host: 'on the host of the pairing server'
  })

const nobody = 'No webhook is configured: see webhooks in /etc/joinery/server.yaml.\n'

const list = async (session: Session): Promise<void> => {
  onHost(session, 'list')
  const { client, terminal, headers } = session
  const answer = await client.listWebhooks()
  const { items } = answer
  if (printDocument(session, answer, () => items.map(({ name }) => `webhook/${name}`))) return
  if (items.length === 0) return terminal.err(nobody)
  terminal.out(columnTable(webhookColumns, session, items, headers))
  const rows = items.flatMap(notDeliveredRows)
  if (rows.length === 0) return
  terminal.out(fold(section('Not delivered, newest first', [notDeliveredHeaders, ...rows], terminal.colour), terminal))
  for (const { name, dead } of items) if (dead > 0) printNext(terminal, `joinery webhook resend ${name}`)
}

const test = async (session: Session, name: string | undefined): Promise<void> => {
  onHost(session, 'test')
  const { client, terminal } = session
  const answer = await client.testWebhooks(given({ name }))
  const { items } = answer
  if (!printDocument(session, answer)) {
    if (items.length === 0) terminal.err(nobody)
    for (const { name, detail } of items) terminal.out(`webhook/${name}: ${escapeText(detail)}\n`)
  }
  const failed = items.filter(({ delivered }) => !delivered).map(({ name }) => name)
  if (failed.length > 0) throw new CommandEnd(exitCodes.failure, `the sample was not taken by ${failed.join(', ')}`)
}

const resend = async (session: Session, name: string | undefined): Promise<void> => {
  onHost(session, 'resend')
  const { client, terminal } = session
  const answer = await client.resendWebhooks(given({ name }))
  const { items } = answer
  if (printDocument(session, answer)) return
  if (items.length === 0) terminal.err(nobody)
  for (const { name, count } of items) terminal.out(`webhook/${name}: ${count} sent again\n`)
  if (items.length > 0) printNext(terminal, 'joinery webhook list')
}
