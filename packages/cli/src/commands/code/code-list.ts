import { type CodeQuery, type CodeStatus, codeStatuses } from '@joinery/protocol'
import type { Command } from 'commander'
import { codeColumns } from '../../output/code-columns.ts'
import { columnTable } from '../../output/columns.ts'
import { printDocument } from '../../output/document.ts'
import { addListOptions, type ListOptions, printPage, queryOf, stateOption } from '../../output/list-options.ts'
import { printNext } from '../../output/next-command.ts'
import { askSorted } from '../../output/sort.ts'
import { watchItems } from '../../output/watch/watch-items.ts'
import { codeName } from '../../session/references.ts'
import { inPages, outputOption, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery code list                               all invitations, each with the machine that used it
  joinery code list -o wide                       also the exact time of each
  joinery code list --state used,expired          only these states; also --name and --role
  joinery code list --limit 100                   a page, and the command for the next one
  joinery code list --watch                       each change, until Ctrl-C
  joinery code list -o json | jq '.items[] | select(.status == "open") | .id'
`

interface Options extends ListOptions {
  state?: CodeStatus[]
}

export const addCodeList = (code: Command, terminal: Terminal): Command =>
  addListOptions(
    code
      .command('list')
      .description('list the codes, not their secrets')
      .addHelpText('before', examples)
      .addOption(stateOption(codeStatuses)),
    codeColumns
  )
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((options: Options, command) =>
      inPages(command, terminal, (session) => {
        const query = queryOf(options, 'state')
        return options.watch ? watchCodes(session, query) : list(session, query, options.sortBy)
      })
    )

const watchCodes = (session: Session, query: CodeQuery): Promise<void> =>
  watchItems(session, {
    look: async () => (await session.client.listCodes(query)).items,
    columns: codeColumns,
    id: ({ id }) => id,
    name: codeName
  })

const list = async (session: Session, query: CodeQuery, sortBy: string | undefined): Promise<void> => {
  const { client, terminal, headers } = session
  const { left, ...answer } = await askSorted(
    client.listCodes,
    query,
    { sortBy },
    {
      columns: codeColumns,
      now: terminal.now()
    }
  )
  const { items } = answer
  if (printDocument(session, answer, () => items.map(codeName))) return
  if (items.length === 0) {
    const isAll = Object.keys(query).length === 0
    if (!isAll) return terminal.err('No code fits these options.\n')
    terminal.err('There are no codes yet.\n')
    return printNext(terminal, 'joinery code create')
  }
  terminal.out(columnTable(codeColumns, session, items, headers))
  printPage(terminal, 'joinery code list', query, answer.metadata, left)
}
