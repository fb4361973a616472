import type { Enrolment } from '@joinery/protocol'
import type { Command } from 'commander'
import { printNext } from '../next-command.ts'
import { columnTable } from '../output/columns.ts'
import { printDocument } from '../output/document.ts'
import { enrolmentColumns } from '../output/enrolment-columns.ts'
import { enrolmentName, referenceTo } from '../references.ts'
import { inSession, outputOption, type Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { watchList } from './watch-list.ts'

const examples = `Examples:
  joinery list                                    who waits, who joins, who is Ready
  joinery list --watch                            and then each change, until Ctrl-C
  joinery list -o wide --no-headers
  joinery list -o json | jq '.items[].state'
`

interface Options {
  headers: boolean
  watch?: true
}

export const addList = (program: Command, terminal: Terminal): Command =>
  program
    .command('list')
    .description('list the enrolments and what each waits for')
    .addHelpText('before', examples)
    .option('-w, --watch', 'go on, with a line for each change')
    .option('--no-headers', 'print no headers')
    .addOption(outputOption('json', 'yaml', 'name'))
    .action(({ headers, watch }: Options, command) =>
      inSession(command, terminal, (session) => (watch ? watchList(session, headers) : list(session, headers)))
    )

const list = async (session: Session, headers: boolean): Promise<void> => {
  const { client, terminal } = session
  const answer = await client.list()
  const { items } = answer
  if (printDocument(session, answer, () => items.map((enrolment) => enrolmentName(enrolment, items)))) return
  if (items.length === 0) return terminal.err('No machine has enrolled yet.\nNext: joinery code create\n')
  terminal.out(columnTable(enrolmentColumns, session, items, headers))
  const references = (state: Enrolment['state']) =>
    items.filter((enrolment) => enrolment.state === state).map((enrolment) => referenceTo(enrolment, items))
  for (const reference of references('frozen')) terminal.err(`Next: joinery show ${reference}\n`)
  const pending = references('pending')
  if (pending.length > 0) printNext(terminal, { state: 'pending' }, pending.join(' '))
}
