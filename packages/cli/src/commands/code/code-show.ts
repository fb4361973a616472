import type { Command } from 'commander'
import { describeCode } from '../../output/describe-code.ts'
import { printDocument } from '../../output/document.ts'
import { codeId, codeName, ReferenceArgument } from '../../session/references.ts'
import { inPages, outputOption } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery code list
  joinery code show 5c0e7d42                      the end of its id: all machines that used it, even too late
  joinery code show 0198c1d0-8c5b-7a7e-9d1f-6b3a5c0e7d42 -o json | jq .timeline
`

export const addCodeShow = (code: Command, terminal: Terminal): Command =>
  code
    .command('show')
    .description('show the history of one code, without its secret')
    .addHelpText('before', examples)
    .addArgument(anyCode)
    .addOption(outputOption('json', 'yaml', 'name'))
    .action((id: string, _options, command) =>
      inPages(command, terminal, async (session) => {
        const shown = await session.client.showCode(id)
        if (printDocument(session, shown, () => [codeName(shown)])) return
        const { terminal: screen } = session
        screen.out(describeCode(shown, screen.now(), screen))
      })
    )

/** Offers every code: those that are over are the ones to ask about. */
const anyCode = new ReferenceArgument('code', { flags: '<id>', description: codeId }, async (client) => {
  const { items } = await client.listCodes()
  return items.map(({ id, name, status }) => ({ value: id, description: `${status}, ${name ?? 'any name'}` }))
})
