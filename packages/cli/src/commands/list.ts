import { type EnrolmentQuery, type State, states } from '@joinery/protocol'
import { type Command, Option } from 'commander'
import type { SeenEnrolment } from '../operator-client.ts'
import { columnTable } from '../output/columns.ts'
import { printDocument } from '../output/document.ts'
import { enrolmentColumns } from '../output/enrolment/enrolment-columns.ts'
import { addListOptions, type ListOptions, nextPage, queryOf, stateOption } from '../output/list-options.ts'
import { printNext } from '../output/next-command.ts'
import { referenceTo } from '../session/references.ts'
import { inSession, outputOption, type Session } from '../session/session.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { watchList } from './watch-list.ts'

const examples = `Examples:
  joinery list                                    all machines that wait, join or are Ready
  joinery list --watch                            the list, then each change, until Ctrl-C
  joinery list --state pending                    only one state; also --name, --role and --code
  joinery list --limit 100                        a page, and the command for the next one
  joinery list -o wide --no-headers
  joinery list -o json | jq '.items[].state'
`

interface Options extends ListOptions {
  headers: boolean
  watch?: true
  state?: State
  code?: string
}

export const addList = (program: Command, terminal: Terminal): Command =>
  addListOptions(
    program
      .command('list')
      .description('list the enrolments, each with the thing that it waits for')
      .addHelpText('before', examples)
      .addOption(
        new Option('-w, --watch', 'watch: print a line for each change, until Ctrl-C').conflicts(['limit', 'continue'])
      )
      .addOption(stateOption(states))
      .option('--code <id>', 'only machines that used this code')
  )
    .option('--no-headers', 'print no headers')
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((options: Options, command) => {
      const query = queryOf(options, 'state', 'code')
      return inSession(command, terminal, (session) =>
        options.watch ? watchList(session, query, options.headers) : list(session, query, options.headers)
      )
    })

const list = async (session: Session, query: EnrolmentQuery, headers: boolean): Promise<void> => {
  const { client, terminal } = session
  const answer = await client.list(query)
  const { items } = answer
  // on a page of a longer list nobody can tell which name belongs to one enrolment only
  const isAll = Object.keys(query).length === 0
  const called = (enrolment: SeenEnrolment): string => (isAll ? referenceTo(enrolment, items) : enrolment.id)
  if (printDocument(session, answer, () => items.map((enrolment) => `enrolment/${called(enrolment)}`))) return
  if (items.length === 0) {
    return terminal.err(
      isAll ? 'No machine has enrolled yet.\nNext: joinery code create\n' : 'No enrolment fits these options.\n'
    )
  }
  terminal.out(columnTable(enrolmentColumns, session, items, headers))
  const references = (state: SeenEnrolment['state']) =>
    items.filter((enrolment) => enrolment.state === state).map(called)
  for (const reference of references('frozen')) terminal.err(`Next: joinery show ${reference}\n`)
  const pending = references('pending')
  if (pending.length > 0) printNext(terminal, { state: 'pending' }, pending.join(' '))
  terminal.err(nextPage('joinery list', query, answer.metadata))
}
