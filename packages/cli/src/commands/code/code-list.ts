import { type CodeQuery, type CodeStatus, codeStatuses } from '@joinery/protocol'
import type { Command } from 'commander'
import { codeColumns } from '../../output/code-columns.ts'
import { columnTable } from '../../output/columns.ts'
import { printDocument } from '../../output/document.ts'
import { addListOptions, type ListOptions, nextPage, queryOf, stateOption } from '../../output/list-options.ts'
import { codeName } from '../../session/references.ts'
import { inSession, outputOption, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery code list                               all invitations, each with the machine that used it
  joinery code list -o wide                       also the exact time of each
  joinery code list --state open                  only one state; also --name and --role
  joinery code list --limit 100                   a page, and the command for the next one
  joinery code list -o json | jq '.items[] | select(.status == "open") | .id'
`

interface Options extends ListOptions {
  headers: boolean
  state?: CodeStatus
}

export const addCodeList = (code: Command, terminal: Terminal): Command =>
  addListOptions(
    code
      .command('list')
      .description('list the codes, not their secrets')
      .addHelpText('before', examples)
      .addOption(stateOption(codeStatuses))
  )
    .option('--no-headers', 'print no headers')
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((options: Options, command) =>
      inSession(command, terminal, (session) => list(session, queryOf(options, 'state'), options.headers))
    )

const list = async (session: Session, query: CodeQuery, headers: boolean): Promise<void> => {
  const { client, terminal } = session
  const answer = await client.listCodes(query)
  const { items } = answer
  if (printDocument(session, answer, () => items.map(codeName))) return
  if (items.length === 0) {
    const isAll = Object.keys(query).length === 0
    return terminal.err(
      isAll ? 'There are no codes yet.\nNext: joinery code create\n' : 'No code fits these options.\n'
    )
  }
  terminal.out(columnTable(codeColumns, session, items, headers))
  terminal.err(nextPage('joinery code list', query, answer.metadata))
}
