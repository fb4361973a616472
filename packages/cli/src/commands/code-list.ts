import type { Command } from 'commander'
import { codeColumns } from '../output/code-columns.ts'
import { columnTable } from '../output/columns.ts'
import { printDocument } from '../output/document.ts'
import { codeName } from '../references.ts'
import { inSession, outputOption, type Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'

const examples = `Examples:
  joinery code list                               which invitations are open, and who used one
  joinery code list -o wide                       also when exactly each was made
  joinery code list -o json | jq '.items[] | select(.status == "open") | .id'
`

export const addCodeList = (code: Command, terminal: Terminal): Command =>
  code
    .command('list')
    .description('list the codes, not their secrets')
    .addHelpText('before', examples)
    .option('--no-headers', 'print no headers')
    .addOption(outputOption('json', 'yaml', 'name'))
    .action(({ headers }: { headers: boolean }, command) =>
      inSession(command, terminal, (session) => list(session, headers))
    )

const list = async (session: Session, headers: boolean): Promise<void> => {
  const { client, terminal } = session
  const answer = await client.listCodes()
  const { items } = answer
  if (printDocument(session, answer, () => items.map(codeName))) return
  if (items.length === 0) return terminal.err('There are no codes yet.\nNext: joinery code create\n')
  terminal.out(columnTable(codeColumns, session, items, headers))
}
