import { escapeText } from '@joinery/protocol'
import type { Command } from 'commander'
import { printDocument } from '../../output/document.ts'
import { codeArgument, codeName } from '../../session/references.ts'
import { inSession, isForPeople, outputOption, type Session } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { tryEach } from '../../terminal/try-each.ts'

const examples = `Examples:
  joinery code list
  joinery code revoke 2f6c1d0e-8c5b-4a7e-9d1f-6b3a5c0e7d42
`

export const addCodeRevoke = (code: Command, terminal: Terminal): Command =>
  code
    .command('revoke')
    .description(
      'close codes: they let no more machines in; machines that used them go on, and a second key does not freeze them'
    )
    .addHelpText('before', examples)
    .addArgument(codeArgument('<id...>'))
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((ids: string[], _options, command) => inSession(command, terminal, (session) => revoke(ids, session)))

const revoke = async (ids: readonly string[], session: Session): Promise<void> => {
  const { client, terminal, format } = session
  const { done, failures } = await tryEach(ids, async (id) => {
    const revoked = await client.revokeCode(id)
    if (isForPeople(format)) terminal.out(`code/${escapeText(revoked.id)} revoked\n`)
    return revoked
  })
  printDocument(session, { items: done }, () => done.map(codeName))
  if (failures.length > 0) throw new AggregateError(failures)
}
