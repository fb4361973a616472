import type { Command } from 'commander'
import { requireAuditHost } from '../../audit/on-host.ts'
import { inSession } from '../../session/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery audit key > audit.pub                   keep it where root of this host cannot change it
`

export const addAuditKey = (audit: Command, terminal: Terminal): void => {
  audit
    .command('key')
    .description('print the public key that the audit logs of this server are verified with')
    .addHelpText('before', examples)
    .action((_options, command) =>
      inSession(command, terminal, async (session) => {
        requireAuditHost(session, 'key')
        session.terminal.out(`${(await session.client.listAuditLogs()).key}\n`)
      })
    )
}
